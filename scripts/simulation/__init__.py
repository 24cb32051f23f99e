"""Simulated traffic: rows drawn from a dataset, a harm to them, predictions, truth that comes later, days that pass."""
