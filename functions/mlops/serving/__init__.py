"""From a request's rows to predictions.

rows.py      JSON → rows that keep the contract
scorer.py    rows → labels and probabilities
follow.py    which version answers: the champion, followed without delaying a request
champions.py the followers of all models
records.py   what is logged of a prediction
catalog.py   what is told of the models
problems.py  what is told of an error
openapi.py   a contract as OpenAPI
docs.py      the OpenAPI document and its page
app.py       the routes
"""
