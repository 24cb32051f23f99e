"""From an upload to its report, whatever kind of model it's for.

flow.py       the story: fetch the dataset, find its spec, train, report
training.py   what intake and the flows of training share: an upload, an outcome, and what a trainer is
catalogs.py   the catalogues of recommenders
progress.py   what a training is doing, next to its dataset
report.py     the report next to the dataset, and its rejected rows
resources.py  memory and time, and the guard that ends a training before it's killed
log.py        log records and metrics of the training function
"""
