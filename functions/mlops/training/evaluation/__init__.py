"""How good a model is on rows that it wasn't trained on.

compiled_model.py       a compiled model's answers, as it serves
measurement.py          a model's metrics on test rows, overall and by slice
paired_comparison.py    two models on the same rows
champion_comparison.py  candidate and champion on fresh rows
version_comparison.py   two versions on the same rows, for people
"""
