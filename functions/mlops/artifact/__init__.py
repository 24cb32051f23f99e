"""What training writes and serving reads of a version, defined once.

names.py      the files of a version
inputs.py     rows → the compiled model's inputs
decision.py   probabilities → the label that is answered
session.py    ONNX Runtime as predictions are served by it
explanation/  a version's explainer
"""
