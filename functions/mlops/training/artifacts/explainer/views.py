"""From the outputs of a model's parts to the score of each answer, through calibration where there is one."""

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from mlops.artifact.explanation.explainer import View
from mlops.contract import Contract
from mlops.errors.training import CompilationFailed
from mlops.spec.label_encoded import LabelEncoded
from mlops.training.artifacts.explainer.parts import ExplainedEstimator, unit_of
from mlops.training.compile.estimator import label_order
from mlops.training.compile.walk import Classification

type Views = tuple[View, ...]


def make_views(estimator: Any, found: list[ExplainedEstimator], contract: Contract) -> tuple[str, list[Views]]:
    """The unit of the scores, and for each part one view an answer: a label each, or the value.

    Raises CompilationFailed if the estimators on the way don't add up to the model.
    """
    model = _unwrapped(estimator)
    calibrated = isinstance(model, CalibratedClassifierCV)
    expected = [_unwrapped(each.estimator) for each in model.calibrated_classifiers_] if calibrated else [model]
    if [id(each.estimator) for each in found] != [id(each) for each in expected]:
        raise CompilationFailed(type(model).__name__, "its answer isn't a sum of its columns' contributions")
    unit = unit_of(found[0], contract.target)
    if not contract.target.labels:
        return unit, [(View(0),)]
    order = label_order(estimator, estimator.classes_, contract)
    if not calibrated:
        return unit, [_labels(order, unit)]
    return _calibrated(model, unit, order, from_scores=not _has_score(found[0]))


def _calibrated(
    model: CalibratedClassifierCV, unit: str, order: list[int], *, from_scores: bool
) -> tuple[str, list[Views]]:
    """Of two labels, the log-odds that a sigmoid makes of scores are these, stretched and moved; else those before."""
    members = model.calibrated_classifiers_
    share = 1 / len(members)
    if len(order) == 2 and model.method == "sigmoid" and from_scores:
        pairs = [(-float(each.calibrators[0].a_), -float(each.calibrators[0].b_)) for each in members]
        views = [_labels(order, "log-odds", slope * share, shift * share) for slope, shift in pairs]
        unit = "log-odds"
    else:
        views = [_labels(order, unit, share) for _ in members]
        unit = f"{unit} before calibration"
    return unit if len(members) == 1 else f"{unit}, mean of {len(members)} members", views


def _labels(order: list[int], unit: str, scale: float = 1.0, shift: float = 0.0) -> Views:
    """A view for each label, which is the class at the position in `order`; of two classes the second is scored."""
    if len(order) > 2:
        return tuple(View(position, scale, shift) for position in order)
    second = View(0, scale, shift)
    whole = scale if unit == "probability" else 0.0
    first = View(0, -scale, whole - shift)
    return tuple(second if position == 1 else first for position in order)


def _has_score(found: ExplainedEstimator) -> bool:
    """Whether an estimator's features add up to something else than what calibration starts from."""
    return isinstance(found.answer, Classification) and found.answer.score is not None


def _unwrapped(estimator: Any) -> Any:
    """The model at the end of pipelines."""
    while isinstance(estimator, Pipeline | FrozenEstimator | LabelEncoded):
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        else:
            estimator = estimator.classifier_ if isinstance(estimator, LabelEncoded) else estimator.estimator
    return estimator
