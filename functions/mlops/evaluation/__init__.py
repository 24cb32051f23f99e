"""How good answers are: metrics with intervals, overall and by slice, of rows whose truth is known.

metrics/      the metrics, of weighted rows
bootstrap.py  resamples, and intervals and p-values from them
intervals.py  metrics with confidence intervals, or the reasons why they have none; closed_form.py and heavy_tails.py
              have those that aren't the bootstrap's
slices.py     the parts of a dataset
gates/        the gates that every kind of model has
verdicts.py   what p-values of a comparison say: better, not worse, worse or undecided
"""
