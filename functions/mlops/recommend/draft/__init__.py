"""A recommender's spec drafted from a first dataset of interactions.

columns.py    which column is the user's, the item's, the time's, the event's, the rating's
draft.py      the whole draft, and what a person should look at
spec_file.py  the draft as the source of a spec
"""
