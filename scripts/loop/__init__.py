"""`scripts/start`: the whole system on this machine, from a CSV to a live prediction. flow.py is the sequence."""
