"""Datasets: read, check, split, digest.

load.py         the story: read a dataset, check it, split it
read.py         a dataset's bytes → a table, by format: read_csv.py, read_parquet.py
check.py        a table → typed rows that keep the contract, or the list of violations
kinds.py        a column's cells as one of the contract's kinds; text.py has cells as text, json_cells.py as in JSON
cells.py        each cell against its column's rules
duplicates.py   duplicate rows, contradictions and keys
leakage/        columns that give the answer away
findings.py     rows that break rules, collected
split.py        training and test rows
order.py        the groups and times that a split goes by
repeated_rows.py equal rows: one thing recorded twice, or alike by chance
sample.py       a representative sample of rows
row_digests.py  rows recognised by their content: the rows that a version was trained on, and fresh ones
digest.py       digests of a dataset and of the code, and the key of a training
bucket.py       the data bucket
inference/      a contract drafted from a first dataset
"""
