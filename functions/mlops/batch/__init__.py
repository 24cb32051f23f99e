"""Batch predictions: files of rows → files of answers, in chunks that don't depend on each other.

steps.py       the steps of a run, as the state machine calls them
request.py     what a run is asked for
plan.py        a request → the pinned version, the files as they are now, their chunks; the same request is the same run
files.py       the input files and what's in them: columns, row groups, lines
csv_text.py    a CSV file's lines: header, chunks of whole lines, rows
objects.py     an object in S3 as a file that is read in ranges, as long as it's unchanged
chunks.py      how many rows a chunk has, from the measured rows per second
score.py       a chunk → its answers, its rejected rows, its records, and at last its report
rows.py        cells of a file → rows that keep the contract, and the others with the reason
scoring.py     the serving code's scorer and explanations
answers.py     scores → the table of answers, and its file
ids.py         the prediction ids of a run's rows: always the same
records.py     a sample of the answers → prediction records, as the API's
gzip_lines.py  lines that are compressed as they come
finish.py      all chunks' reports → the manifest, which is written last
layout.py      keys of objects
places.py      the buckets
log.py         log lines and metrics
"""
