"""Datasets of interactions: read, check, and bring into arrays.

load.py       the story: read a dataset and its catalogue, check both, leave out what breaks rules
columns.py    columns of ids and of events as codes, times as milliseconds, ratings as numbers
check.py      each row against the interaction contract
conduct.py    events recorded twice, and users that are no people
alike.py      ids that differ in letters' case or blanks alone
catalog.py    the items' catalogue
"""
