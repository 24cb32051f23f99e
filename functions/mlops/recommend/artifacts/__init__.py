"""The files of a recommender's version.

package.py  all of them
profile.py  what the version learnt from, in figures
plots.py    pictures for the model card
card.py     the model card
"""
