"""Simulated traffic: rows drawn from a dataset, a harm to them, truth that comes later; a shop's customers; days."""
