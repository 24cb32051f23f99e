"""Feedback files: rows of a CSV or Parquet file → feedback objects, a report, and the rows that can't be used.

rows.py      a file → its rows, and what is wrong with those that can't be read
cells.py     a row's cells → a checked truth
rejected.py  rows that can't be used: counted by reason, with examples, all of them kept
ingest.py    a file → objects, so that a repeated or interrupted run ends in the same state
"""
