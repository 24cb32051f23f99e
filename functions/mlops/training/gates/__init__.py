"""The tests that a candidate passes or isn't promoted, each with its evidence.

examination.py        the story: a candidate's results on the test rows, and every gate in its order
compiled.py           parity with the estimator, and golden rows answered by the serving code
floors.py             metrics on held-out rows reach the spec's floors, overall and on every slice
baseline.py           the model is better than a constant
consistency.py        the dataset doesn't contradict the champion; relations.py has its columns' relations
calibration.py        the probabilities match the frequencies
behaviour.py          answers stay the same, or move in the right direction, as the spec requires
formatting.py         how the gates write statistics
"""
