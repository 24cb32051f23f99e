"""What a data scientist writes for a model, and what reads it. The API's function never imports this package.

model.py         the model spec
table.py         the spec of a plain table in a few lines
candidates.py    the usual estimators for a table
boosting.py      estimators of XGBoost, LightGBM and CatBoost
search_space.py  hyperparameters to try, and when an answer is positive
expectations.py  invariances, directions and limits that a model must keep
monitoring.py    when a model has an incident, and when it's trained again by itself
load.py          finds a model's spec by its name
"""

from mlops.spec.load import list_specs, load_spec
from mlops.spec.model import ModelSpec

__all__ = ["ModelSpec", "list_specs", "load_spec"]
