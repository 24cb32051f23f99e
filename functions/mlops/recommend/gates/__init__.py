"""The tests that a recommender passes or isn't promoted, each with its evidence.

held_out.py  metrics on held-out interactions: floors, better than what's popular, what pruning costs
data.py      the dataset and its catalogue don't contradict what was known
compiled.py  the graph ranks as the item model, is small and fast, and the serving code accepts it
"""
