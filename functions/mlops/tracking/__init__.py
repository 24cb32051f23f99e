"""MLflow: a run for each training, and a mirror of the registry.

finish.py  a training's end: its run, and the version's files
mirror.py  the training's run, registered versions, and the champion's alias
trials.py  the search's trials as child runs
windows.py monitoring's figures of a version, by day
"""
