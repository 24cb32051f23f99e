"""How good a compiled model is on held-out rows: overall and on each slice, with intervals."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from mlops.registry.manifest import evidence
from mlops.spec import ModelSpec
from mlops.training.evaluation.bootstrap import affordable
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.intervals import Estimate, estimate
from mlops.training.evaluation.metrics.answers import Answers, ClassAnswers
from mlops.training.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS, measure
from mlops.training.evaluation.slices import cut_slices, readable


@dataclass(frozen=True)
class Evaluation:
    """The answers to held-out rows and what they are worth; `too_small` names slices that can't be judged."""

    answers: Answers
    estimates: dict[str, Estimate]
    slices: tuple[evidence.Slice, ...]
    too_small: tuple[str, ...]

    @property
    def recorded(self) -> dict[str, evidence.Estimate]:
        """The estimates as a manifest has them."""
        return record(self.estimates)


def evaluate(model: CompiledModel, test: pd.DataFrame, spec: ModelSpec) -> Evaluation:
    """Every metric of the task on the test rows, and on the slices that the spec's columns make."""
    answers = model.answer(test)
    cut = cut_slices(readable(test, spec.contract), spec.slices)
    rng = np.random.default_rng(spec.seed)
    slices = tuple(
        evidence.Slice(where=str(part), rows=len(part), estimates=record(_estimate(answers.take(part.rows), rng)))
        for part in cut.judged
    )
    return Evaluation(answers, _estimate(answers, rng), slices, tuple(str(part) for part in cut.too_small))


def measured(answers: Answers) -> dict[str, float]:
    """The metrics that are defined on the rows."""
    return {name: value for name, value in measure(answers).items() if math.isfinite(value)}


def _estimate(answers: Answers, rng: np.random.Generator) -> dict[str, Estimate]:
    resamples = affordable(len(answers))
    if isinstance(answers, ClassAnswers):
        return estimate(answers, CLASS_METRICS, rng, resamples)
    return estimate(answers, VALUE_METRICS, rng, resamples)


def record(found: Mapping[str, Estimate]) -> dict[str, evidence.Estimate]:
    """The estimates as a manifest has them."""
    return {
        name: evidence.Estimate(
            value=each.value if math.isfinite(each.value) else None,
            rows=each.rows,
            interval=evidence.Interval(**asdict(each.interval)) if each.interval else None,
            reason=each.reason,
        )
        for name, each in found.items()
    }
