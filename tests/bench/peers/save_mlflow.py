"""Save a forest as an MLflow model that answers probabilities: `python save_mlflow.py FOREST FOLDER`."""

import sys

import joblib
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature

forest = joblib.load(sys.argv[1])
example = pd.DataFrame([[1.0] * forest.n_features_in_], columns=forest.feature_names_in_)
mlflow.sklearn.save_model(
    forest,
    sys.argv[2],
    serialization_format="cloudpickle",
    pyfunc_predict_fn="predict_proba",
    signature=infer_signature(example, forest.predict_proba(example)),
    pip_requirements=[],
)
