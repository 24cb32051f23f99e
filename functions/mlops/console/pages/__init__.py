"""One file a page: `router` has its paths.

overview.py   all models
model.py      one model: how it is, and what changed
versions.py   its versions, as a table
version.py    one version: evidence, origin, history
compare.py    two versions side by side
changes.py    what changed between two versions, row by row
upcoming.py   what comes next of itself, of pages that show models
data.py       datasets, and the champion's contract
documents.py  cards and reports as they were written
predictions.py  the newest predictions, and one with its inputs, explanation and truth
try_it.py     a form that asks a version
row_form.py   a row as a form, and back
asking.py     who may ask a model, and what moved its answer
logs.py       the saved queries of the logs
actions.py    promotion, approval, challenge, rollback, withdrawal, undo
sign_in.py    sign-in by a key or a one-time link, and sign-out
spreadsheet.py  tables as CSV
request.py    what pages take from a request
"""
