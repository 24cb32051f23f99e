"""Recommenders learn from what users do: their events become a dataset, and training follows by itself.

learner.py   when a dataset is due, and what came of it
incident.py  the same for an incident, at once
events.py    the events that were received → the table `fresh`
dataset.py   the last dataset and the new events, as one file
"""
