"""Whether an estimator that isn't fitted yet could be compiled, as far as classes, parameters and columns tell."""

from typing import Any

from sklearn.base import is_classifier, is_regressor
from sklearn.ensemble import StackingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline

from mlops.contract import Contract
from mlops.errors.training import CompilationFailed
from mlops.training.compile.converters import CONVERTERS
from mlops.training.compile.reaching import Reaching, reaching_part, refusal_for_columns
from mlops.training.compile.table import Role, find


def check_compilable(estimator: Any, contract: Contract, name: str) -> None:
    """Raise CompilationFailed for the first estimator within this one that can't be compiled exactly.

    The error's step is the way to it, from `name`. Nothing is fitted.
    """
    _check(estimator, "predict", [f"{name} ({type(estimator).__name__})"], contract.columns)
    if contract.target.labels and is_regressor(estimator):
        raise CompilationFailed(name, "it is a regressor, and the contract's target has labels")
    if not contract.target.labels and is_classifier(estimator):
        raise CompilationFailed(name, "it is a classifier, and the contract's target is a number")
    if contract.target.labels and not gives_probabilities(estimator):
        reason = "it gives no probabilities; put it into CalibratedClassifierCV, which makes them of its scores"
        raise CompilationFailed(f"{name} ({type(estimator).__name__})", reason)


def gives_probabilities(estimator: Any) -> bool:
    """Whether an estimator that isn't fitted yet will have `predict_proba`."""
    if isinstance(estimator, Pipeline):
        return gives_probabilities(estimator.steps[-1][1])
    if isinstance(estimator, GridSearchCV | RandomizedSearchCV | FrozenEstimator):
        return gives_probabilities(estimator.estimator)
    # Without a final estimator it takes a logistic regression, and says so only when it is fitted.
    default = isinstance(estimator, StackingClassifier) and estimator.final_estimator is None
    return default or hasattr(estimator, "predict_proba")


def _check(estimator: Any, role: Role, way: list[str], columns: Reaching) -> None:
    reason = CONVERTERS.refusal(estimator, role) or refusal_for_columns(estimator, columns)
    if reason is not None:
        raise CompilationFailed(" > ".join(way), reason)
    parts = find(CONVERTERS.parts, estimator)
    for part in parts(estimator) if parts else ():
        step = [*way, f"{part.name} ({type(part.estimator).__name__})"]
        _check(part.estimator, part.role, step, reaching_part(estimator, part, columns))
