"""Monitoring: what serving versions see and answer, and how good their answers are, compared with their training."""
