"""Performance without truth: what the metrics of a window would be, with intervals, from rows held out at training.

window.py        a window's estimates with intervals
classes.py       the method for classifiers: calibrated probabilities (CBPE), and a forest of the inputs
calibrator.py    how often probabilities came true
truth_forest.py  how often labels are true, by probabilities and inputs
values.py        the method for regressions: the errors of similar held-out rows
outcomes.py      what either method returns
instability.py   how far realised metrics have lain from estimates, and so may again
history.py       the state of a version's estimates, and what came true of them
assessment.py    how good the estimates were

Both methods assume that the relation of inputs and truth is no less stable than it was seen to be.
"""
