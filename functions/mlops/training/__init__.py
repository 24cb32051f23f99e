"""From a dataset to a version, and perhaps a champion.

intake.py    from the event of an upload to its report
flow.py      the story: read, search, compile, evaluate, gates, files, promotion
report.py    the report next to the dataset, and its rejected rows
log.py       log records and metrics of the training function
search/      which estimator, with which parameters, calibration and threshold
compile/     estimator → ONNX, and the proof that both are the same function
evaluation/  metrics on the test rows, and the comparison with the champion
gates/       the tests that a candidate must pass
artifacts/   the files of a version
"""
