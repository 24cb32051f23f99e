"""What a data scientist writes for a model, and what reads it. The API's function never imports this package.

model.py         the model spec of a table
recommender.py   the model spec of a recommender
table.py         the spec of a plain table in a few lines
candidates.py    the usual estimators for a table
boosting.py      estimators of XGBoost, LightGBM and CatBoost
search_space.py  hyperparameters to try, and when an answer is positive
expectations.py  invariances, directions and limits that a model must keep
delivery.py      how a version comes to serve: at once, or by a canary
monitoring.py    when a model has an incident, and when it's trained again by itself
click_through.py how a recommender's answers are judged by what users do
load.py          finds a model's spec by its name
"""

from mlops.spec.load import AnySpec, list_specs, load_recommender_spec, load_spec, load_table_spec
from mlops.spec.model import ModelSpec
from mlops.spec.recommender import RecommenderSpec

__all__ = [
    "AnySpec",
    "ModelSpec",
    "RecommenderSpec",
    "list_specs",
    "load_recommender_spec",
    "load_spec",
    "load_table_spec",
]
