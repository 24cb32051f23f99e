"""What training writes and serving reads of a recommender's version.

ranking.py    the compiled graph: a history in, the best items and their scores out
items.py      the items' ids and titles, and the order of those that are trending
histories.py  the histories of the users that the version was trained on, in shards
golden.py     histories with their known answers
answering.py  from a user's events to what is ranked
"""
