"""The candidates of a recommender: what each learns from histories.

catalog.py      the candidates by name, with the hyperparameters that are tried
popularity.py   what most people take, and what's trending
item_knn.py     items that the same users have
ease.py         EASE^R: pairs of items by a closed form
sparse_ease.py  the same for large catalogues, of each item's nearest
ials.py         iALS: factors of users and items
gram.py         Gram matrices of items and their inverses, in place
sparse_rows.py  the strongest pairs of each item
"""
