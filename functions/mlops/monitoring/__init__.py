"""Monitoring: what serving versions see and answer, compared with their training."""
