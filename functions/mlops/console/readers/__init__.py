"""What pages show, as it was some seconds ago.

cache.py       values that are read again after some time
registry.py    versions and aliases
monitoring.py  states, windows and incidents
reports.py     a model's report, as monitoring writes it each day
traffic.py     predictions and latency of the last hours
deliveries.py  what became of uploaded datasets, and their rejected rows
differences.py how the datasets of two versions differ
trainings.py   trainings that run, wait or have ended
batches.py     batches of predictions
queues.py      queues and their dead letters
operations.py  these three, opened
predictions.py  prediction records: the newest, one by its id, its truth
answers.py     answers of the serving code, for those who try a model
recommendations.py  recommendations of the serving code, likewise
logs.py        the saved queries of the logs, and their rows
"""
