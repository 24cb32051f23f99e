"""A contract from a first dataset: what its columns seem to be, for a person to correct.

columns.py   one column: kind, range, categories, missing-value rule, unit, privacy
families.py  columns that are numbered, as one
target.py    the target: task and labels
spellings.py one value in several spellings, missing values in words, codes
notations.py numbers, dates and times in a notation that isn't read
remarks.py   what a draft says of a column
draft.py     the whole table: inputs, target, key, what to leave out, and what to look at
spec_file.py the draft as the source of a model spec
"""

from mlops.data.inference.draft import Draft, draft

__all__ = ["Draft", "draft"]
