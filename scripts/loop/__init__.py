"""`scripts/start`: the whole loop on this machine, from a CSV to a live prediction."""
