"""The dataset of an incident: the version's last one, and the rows whose truth was received since.

assembly.py  the story: what is to be assembled, or why it waits, or why it's refused
labelled.py  predictions with their truth and whole inputs
carried.py   columns that no record has, from feedback files
last.py      the dataset that the version was trained on, as text
merge.py     both together: each row once
bucket.py    the data bucket
"""
