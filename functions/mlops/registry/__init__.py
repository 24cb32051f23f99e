"""Versions and aliases on an object store.

<model>/trainings/<key>.json       which version a training (model, dataset, code) claimed
<model>/versions/<n>/claim.json    the training that claimed this version
<model>/versions/<n>/…             the files of the version, a complete MLflow model
<model>/versions/<n>/manifest.json written last: a version without one doesn't exist yet
<model>/aliases/<alias>.json       the version it points at, and its history
"""
