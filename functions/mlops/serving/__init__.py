"""From a request's rows to predictions.

deferred_validators.py  what keeps a cold start short
bootstrap.py            the API, put together from its environment
app.py                  the application and its routes
answer.py               how a request is answered: read, score, write, log
protocols/              the forms in which clients ask: our own, MLflow's, V2
rows/                   a body's rows, checked against the contract
live/                   the versions in memory, and which of them answers
late_recommendations.py  recommenders in the application, imported at the first request for one
recommend/               what answers for them
recommender.py           a history → ranked items, of one version
scorer.py               rows → labels and probabilities
explanations.py         the contributions of columns to an answer
bulk/                   answers and records of large batches, written as text
log.py                  prediction records, other log lines, metrics
feedback.py             truths that clients send back
refusals.py           what requests for every kind of model share
problems.py             errors → HTTP
health.py               GET /health
docs/                   /openapi.json, /docs and /models
schemas/                a contract as parts of the OpenAPI document
"""
