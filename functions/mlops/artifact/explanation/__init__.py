"""Why a model answers as it does: each column's contribution to a score, exact for linear models and trees.

The contributions are SHAP values (Lundberg and Lee, "A unified approach to interpreting model predictions", 2017):
a base and the contributions of all columns add up to the score. Training makes an explainer and writes it next to the
model, serving reads it; so nothing here knows scikit-learn.

linear.py     a weighted sum: weight x (value - mean)
trees.py      trees: what each condition on the way to the leaves adds (path-dependent TreeSHAP)
explainer.py  features of a row → contributions of the contract's columns
files.py      the explainer as files of a model version
"""
