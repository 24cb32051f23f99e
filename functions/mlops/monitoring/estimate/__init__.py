"""Performance without truth: what the metrics of a window would be, with intervals, from held-out rows of the training.

For classifiers by calibrated probabilities (CBPE), for regressions by the errors of similar held-out rows. Both assume
that the relation of inputs and truth hasn't changed; `instability` measures how well that held in the past, and widens
and shifts what follows. `assessment` says afterwards how good the estimates were.
"""
