"""The tests that a candidate passes or isn't promoted, each with its evidence.

floors.py       metrics on held-out rows are no worse than the spec asks, overall and on no slice beyond doubt
baseline.py     it knows more than the trivial model
champion.py     it is shown to be as good as the champion on the same fresh rows, and harms no slice
calibration.py  its probabilities come true
behaviour.py    its answers hold still, or follow, as the spec says
compiled.py     the compiled model is the estimator's function, and answers as served
words.py        how evidence is written
footprint.py    the compiled model is small and quick enough
"""
