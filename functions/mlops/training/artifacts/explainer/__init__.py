"""From a fitted estimator to what explains its answers.

make.py    the story: walk through the estimator, take its parts, check that contributions add up
parts.py   a fitted linear model or ensemble as a part of an explainer
nodes.py   trees, level by level
views.py   from a part's outputs to the score of each label, through calibration
"""

from mlops.training.artifacts.explainer.make import make_explainer

__all__ = ["make_explainer"]
