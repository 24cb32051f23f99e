"""Errors of the library, by stage; each carries its data.

base.py          the root of the package's errors, and those of no stage
violations.py    broken rules of a contract or a protocol, one by one and in groups
data.py          datasets and the messages about them
training.py      specs, training, compilation and tracking
registry.py      models, versions and aliases
serving.py       requests to models, and their answers
authorization.py who may call, and how often
records.py       records of predictions and feedback, and queries over them
monitoring.py    monitoring, and datasets that it makes of records
batch.py         predictions for files of rows
operations.py    the running system: queues, batches, functions, and queries of logs
console.py       the console: who is signed in, and its forms
"""
