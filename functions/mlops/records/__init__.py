"""Prediction records and feedback as they lie in the records bucket: schema, writing, reading, joining, SQL.

The API imports ids, layout, recording, truths and write; these import neither pyarrow nor pandas nor DuckDB.

ids.py        a prediction id → the time when it was made
window.py     stretches of time: hours, days, and the days that a stretch touches
layout.py     keys of objects
schema.py     the fields of a prediction record and of a feedback line
athena.py     the same as tables of Athena
recording.py  what a prediction record holds of the inputs
truths.py     feedback as a client or a file gives it → checked truths
write.py      truths → one object, stored before it's acknowledged
bulk/         feedback files → objects
objects.py    a day's objects → blocks of whole lines
decode.py     lines → Arrow tables
read.py       a window → Arrow tables
find.py       one prediction by its id
lookup.py     the same, in the API's log too until its record is delivered
one_truth.py  the truth of one prediction, by the same rule as standing.py's
standing.py   SQL of the rule: one truth for each prediction
join.py       predictions with their truths
query.py      SQL over a stretch of time
database.py   the DuckDB database that joins and SQL work in
recover.py    what Firehose could not partition → where it belongs
"""
