"""A model's contract as parts of the OpenAPI document, which every protocol describes itself with.

contract.py    the JSON schemas of rows and predictions
columns.py     the columns as a table
examples.py    a row to show, which holds no private value
operations.py  a path's operation: bodies, answers, parameters
problems.py    problem documents
"""
