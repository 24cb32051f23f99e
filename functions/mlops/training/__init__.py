"""From a dataset to a version, and perhaps a champion.

flow.py      the story: read, search, compile, evaluate, gates, files, promotion
duration.py  how long a training takes
search/      which estimator, with which parameters, calibration and threshold
compile/     estimator → ONNX, and the proof that both are the same function
evaluation/  metrics on the test rows, and the comparison with the champion
gates/       the tests that a candidate must pass
artifacts/   the files of a version
"""
