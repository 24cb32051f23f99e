"""Datasets: read, check, split, digest."""
