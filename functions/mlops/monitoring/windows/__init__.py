"""A look at a window: a model's records of a day or hour → what there is to know about them, and the state after it.

monitor.py     the story: one window of one model
"""
