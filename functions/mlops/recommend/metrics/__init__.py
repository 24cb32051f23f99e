"""Metrics at k of ranked lists.

ranking.py  how well each user's list finds what they took: NDCG, recall, average precision
beyond.py   what the lists are besides: coverage, novelty, popularity bias
"""
