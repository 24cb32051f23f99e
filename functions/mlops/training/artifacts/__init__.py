"""The files of a version, made from the winning estimator and its compiled model.

package.py     the story: every file of a version, by name
pyfunc/        the loader that MLflow runs, which travels with a version
estimator.py   the estimator in skops format, with reproducible bytes
profile.py     reference statistics of the training rows
references.py  what monitoring compares records with
explainer/     what explains an answer column by column
plots/         the plots
card.py        the model card; card.html.jinja is its template
"""
