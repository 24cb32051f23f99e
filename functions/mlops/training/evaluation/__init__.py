"""How good a model is on rows that it wasn't trained on.

compiled_model.py       a compiled model's answers, as it serves
measurement.py          a model's metrics on test rows, overall and by slice
paired_comparison.py    two models on the same rows
champion_comparison.py  a candidate and another version, such as the champion, on rows that neither was trained on
cross_fit.py            both fitted again on folds of the training rows; procedure.py is how a version was fitted
remarks.py              what nobody should miss about the answers
version_comparison.py   two versions on the same rows, for people
"""
