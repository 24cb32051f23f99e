"""The evaluation of recommenders on held-out interactions.

lists.py          one model's lists for the test users, and each user's metrics
estimates.py      the metrics with their intervals
slices.py         new, light and heavy users, and the tail of the items
comparison.py     two models on the same users: better, not worse, worse or undecided
held_out_test.py  all of it for the winner
champion.py       the winner and an earlier version on the same users
"""
