"""`scripts/tour`: a month of the diagnosis model on local AWS, as a timeline (month.py), and a shop (shop/)."""
