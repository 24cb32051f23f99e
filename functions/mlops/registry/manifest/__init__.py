"""The manifest: what a model version is, where it came from, and the evidence for it.

manifest.py  the manifest itself
evidence.py  metrics with intervals, and the comparison with the champion
search.py    every trial of the search, and its result
"""
