"""A look at a window: a model's records of a day or an hour → what there is to know about them, and the state after it.

monitor.py      the story: one window of one model
day.py          the same for one version in a day
state.py        what the next look goes on from
scan.py         records → what each version's part of the facts needs, in memory that hardly grows
ids.py          prediction ids as numbers; seen.py those that came before; sample.py a sample that has no order
truths.py       feedback → one truth for each prediction
requests.py     refused and failed requests
versions.py     what monitoring reads of a version
rows.py         lines → answers and inputs, by a version's contract
service.py      traffic, latency, disagreement
columns.py      drift
realised.py     performance where truth is there
losses.py       tests for loss
estimates.py    performance where there's no truth, and how good earlier estimates were
"""
