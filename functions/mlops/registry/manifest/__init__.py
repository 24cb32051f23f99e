"""The manifest: what a model version is, where it came from, and the evidence for it.

manifest.py     what the versions of every kind of model have, and the manifest of a table's model
recommender.py  the manifest of a recommender's version
evidence.py     metrics with intervals, and the comparison with the champion
search.py       every trial of the search, and its result
"""
