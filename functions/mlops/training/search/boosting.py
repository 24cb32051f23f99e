"""The boosting libraries' estimators, made ready: silent, reproducible, and for labels of any kind."""

from typing import Any

from sklearn.pipeline import Pipeline

from mlops.spec.label_encoded import LabelEncoded

# One thread each, since sums over rows depend on how threads part them; the search's folds share the cores.
OPTIONS: dict[str, dict[str, Any]] = {
    "xgboost.sklearn": {"n_jobs": 1},
    # It would choose between two ways to count by their speed, which add up otherwise.
    "lightgbm.sklearn": {"n_jobs": 1, "deterministic": True, "force_row_wise": True},
    # It writes a folder of logs where it runs, which a function on AWS can't.
    "catboost.core": {"thread_count": 1, "allow_writing_files": False},
}
_SILENT: dict[str, dict[str, Any]] = {"lightgbm.sklearn": {"verbose": -1}, "catboost.core": {"verbose": False}}
_VERBOSITY = {"verbose", "verbosity", "silent", "logging_level", "verbose_eval"}
_CODED = ("xgboost.sklearn.XGBClassifier", "xgboost.sklearn.XGBRFClassifier")


def settle_boosting(estimator: Any) -> Any:
    """The estimator, whose parts from boosting libraries run alike everywhere.

    A classifier of XGBoost that stands at the end is put into LabelEncoded.
    """
    for part in (estimator, *estimator.get_params().values()):
        library = type(part).__module__
        if library in OPTIONS:
            loud = _VERBOSITY & set(part.get_params())
            part.set_params(**OPTIONS[library], **({} if loud else _SILENT.get(library, {})))
    return _coded(estimator)


def _coded(estimator: Any) -> Any:
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        return estimator.set_params(**{name: _coded(last)})
    kind = type(estimator)
    return LabelEncoded(estimator) if f"{kind.__module__}.{kind.__qualname__}" in _CODED else estimator
