"""What training writes and serving reads of a version, defined once.

names.py      the files of a version
spelling.py   truth values, missing values and blanks as people spell them
missing.py    which cells are missing values
inputs.py     rows → the compiled model's inputs
frames.py     data frames → the same inputs; needs pandas, so serving never imports it
matrix.py     rows that are one matrix of numbers
decision.py   probabilities → the label that is answered
session.py    ONNX Runtime as predictions are served by it
explanation/  a version's explainer
history.py    a user's events → the history that a recommender takes
recommender/  the files of a recommender's version

Of contract.py, errors/ and pydantic the modules above need nothing at run time: they travel with a version in the
code/ folder of its MLflow model.
"""
