"""Recommendations: imported at the first request for one, so predictions from tables pay nothing for it.

service.py       all of it, put together
requests.py      a body → who asks, for what
rules.py         the rules for users, items, events
sources.py       a user's history: of the training data, of the last days, of the request
trained.py       the histories that a version was trained on
recent.py        the table of recent events
dynamodb.py      DynamoDB's calls that the table needs
answer.py        how a request is answered: gather the history, rank, explore, write, log
recommendation.py  an answer
exploration.py   some answers in a random order, with known propensities
because.py       what of a history speaks for an item
history_events.py  the events of a history, for people
protocols.py     answers as our own protocol, MLflow's and V2's have them
log.py           recommendation records and metrics
events.py        a body of feedback → events
feedback.py      events, stored before they are acknowledged
openapi.py       all of it in the OpenAPI document
"""
