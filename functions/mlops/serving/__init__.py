"""From a request's rows to predictions.

wiring.py    the API, put together from its environment
app.py       the routes
answer.py    how a request is answered: read, score, write, log
protocols/   the forms in which clients ask, one file a protocol
body.py      a request's body, within its limits
rows.py      rows that keep the contract
matrix.py    rows of numbers, all at once
scorer.py    rows → labels and probabilities
challenger.py the version that is tried beside the champion
explanations.py why an answer is as it is
scorers.py   who answers: the champion, or the version that is asked for
follow.py    the champion, followed without delaying a request
champions.py the followers of all models
snapshot.py  what happens before and after a snapshot of the process
pinned.py    the versions that are asked for by number
records.py   what is logged of a prediction
health.py    what is served
problems.py  what is told of an error
about.py     what is told of the models, made when it is asked for
catalog.py   the models, read from the registry
openapi.py   a contract as OpenAPI
docs.py      the OpenAPI document and its page
"""
