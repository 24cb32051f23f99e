"""`scripts/tour`: a month of the diagnosis model on local AWS, as a timeline. month.py is the sequence."""
