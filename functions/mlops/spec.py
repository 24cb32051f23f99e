"""The model spec: the one Python file that a data scientist writes for a model."""

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from mlops.contract import Column, Contract, Target
from mlops.errors import SpecInvalid
from mlops.tuning import Candidate, Threshold, check_threshold

MODEL_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
METRICS = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss")


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What to predict, from which columns, with which estimators, and how good is good enough.

    `candidates` are unfitted scikit-learn estimators by name, simplest first, each alone or as a Candidate with a
    search space; `metric` chooses among them by cross-validation, in at most `trials` trials, the last of which begins
    within `search_seconds`. `threshold` is the probability from which a binary answer is positive: a number, or the
    one that is best for the metric or for what wrong answers cost; without it, the most probable label is the answer.
    `floors` are the least values of test metrics that a champion may have. `test_share` is the share of rows held out
    for the test, `min_rows` the least number of rows worth training on.
    """

    name: str
    target: Target
    columns: tuple[Column, ...]
    candidates: Mapping[str, Any | Candidate]
    metric: str
    floors: Mapping[str, float]
    description: str = ""
    seed: int = 0
    test_share: float = 0.25
    folds: int = 5
    min_rows: int = 100
    trials: int = 20
    search_seconds: float = 300
    threshold: Threshold = None
    contract: Contract = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "contract", Contract(columns=self.columns, target=self.target))
        if self.target.task != "binary":
            raise SpecInvalid(self.name, f"a {self.target.task} target can't be trained; give it two labels")
        unknown = sorted({self.metric, *self.floors} - set(METRICS))
        if unknown:
            raise SpecInvalid(self.name, f"no metric is called {', '.join(unknown)}; there are {', '.join(METRICS)}")
        if not self.candidates:
            raise SpecInvalid(self.name, "it has no candidates")
        if self.trials < len(self.candidates):
            raise SpecInvalid(self.name, f"{self.trials} trials are too few to try {len(self.candidates)} candidates")
        problem = check_threshold(self.threshold, self.target.task, self.metric)
        if problem:
            raise SpecInvalid(self.name, problem)
        if not 0 < self.test_share < 1:
            raise SpecInvalid(self.name, f"test_share is {self.test_share}; it must lie between 0 and 1")


def load_spec(model: str) -> ModelSpec:
    """The spec in `models/<model>.py`. Raises SpecInvalid with the remedy if there is none, or it isn't one."""
    file = model.replace("-", "_")
    module = f"models.{file}"
    if not MODEL_NAME.fullmatch(model):
        rule = "a model's name has small letters, digits and hyphens only, and a letter first"
        raise SpecInvalid(model, f"{rule}, as its file in functions/models/ has")
    if importlib.util.find_spec(module) is None:
        known = list_specs()
        near = get_close_matches(model, known, n=1)
        hint = f"did you mean {near[0]!r}" if near else f"models with a spec: {', '.join(known)}"
        raise SpecInvalid(model, f"there is no functions/models/{file}.py; write one ({hint})")
    spec = getattr(importlib.import_module(module), "spec", None)
    if not isinstance(spec, ModelSpec):
        raise SpecInvalid(model, f"{module} has no ModelSpec named `spec`")
    if spec.name != model:
        raise SpecInvalid(model, f"{module} is the spec of {spec.name!r}")
    return spec


def list_specs() -> list[str]:
    """The names of the models that have a file in `models/`, sorted."""
    folder = importlib.import_module("models").__path__
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(folder))
