"""Canaries: a version that answers a share of the requests is promoted, withdrawn, or goes on being tried.

betting.py     evidence about a mean that holds at every look
losses.py      what an answer loses, between 0 and 1, and the margin in that unit
observe.py     records and truths → the differences, failures and slow answers of a canary
observed.py    the same as arrays
decide.py      the decision, from what was observed
trials.py      the story of a look: decide, move the aliases, write what was found
news.py        what is announced of the challenger's moves
"""
