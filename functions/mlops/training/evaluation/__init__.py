"""How good a model is on rows that it wasn't trained on.

compiled_model.py       a compiled model's answers, as it serves
metrics/                the metrics
bootstrap.py            resamples, and intervals and p-values from them
intervals.py            metrics with confidence intervals
slices.py               the parts of a dataset
measurement.py          a model's metrics on test rows, overall and by slice
paired_comparison.py    two models on the same rows
champion_comparison.py  candidate and champion on fresh rows
"""
