"""Benchmarks of the recommender's training; docs/recommender.md has their figures.

movielens.py   MovieLens 100K, fetched from the wheel that ships it
protocols.py   its published protocols: this project, popularity, item-kNN and `implicit` in the same run
scale.py       memory and time of a million users
catalogue.py   what is lost by pruned and factored models of large catalogues
off_policy.py  how often intervals of off-line comparisons hold the truth
latency.py     a warm recommendation next to an empty handler
throughput.py  requests a second next to FastAPI with `implicit`
shops.py       the recommenders of both
increment.py   when updating a model pays, and how exact it is
"""
