"""A contract from a first dataset: what its columns seem to be, for a person to correct.

columns.py   one column: kind, range, categories, missing-value rule, unit, privacy
families.py  columns that are numbered, as one
target.py    the target: task and labels
draft.py     the whole table: inputs, target, key, what to leave out, and what to look at
spec_file.py the draft as the source of a model spec
"""

from mlops.data.inference.draft import Draft, draft

__all__ = ["Draft", "draft"]
