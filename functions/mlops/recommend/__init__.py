"""Recommenders: what people did with items in, a model that answers a history with items out.

flow.py          the story: read, learn, examine, compile, gates, files, promotion
data/            datasets of interactions and catalogues, read and checked
interactions.py  what people did, as arrays, and the histories that follow from it
learn.py         hold out, search, fit, test, and fit again on everything
split.py         what is held out; holdout.py says which tasks a spec makes
candidates/      what a recommender may be, and how each is fitted; search.py chooses one; fit.py fits it
models.py        the item models, and how each scores a history; forms.py has those that are small enough to serve
rank.py          the best items for many histories
metrics/         how good a list is
evaluation/      metrics with intervals, on slices, and in comparison
champion.py      the earlier versions that a candidate is compared with
examination.py   the comparisons, and every gate in its order; gates/ has them
compile/         item model to ONNX, and the files that serving reads
artifacts/       the other files of a version, the model card among them
version.py       the version's manifest
"""
