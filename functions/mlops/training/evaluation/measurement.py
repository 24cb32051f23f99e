"""How good a compiled model is on held-out rows: overall and on each slice, with intervals."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops.evaluation.intervals import estimate_all
from mlops.evaluation.metrics.answers import Answers
from mlops.evaluation.metrics.catalog import measure
from mlops.evaluation.slices import cut_spec_slices
from mlops.registry.manifest import evidence
from mlops.spec import ModelSpec
from mlops.training.evaluation.compiled_model import CompiledModel


@dataclass(frozen=True)
class Evaluation:
    """The answers to held-out rows and their metrics; `too_small` names the slices that have too few rows to judge."""

    answers: Answers
    estimates: dict[str, evidence.Estimate]
    slices: tuple[evidence.Slice, ...]
    too_small: tuple[str, ...]


def evaluate(model: CompiledModel, test: pd.DataFrame, spec: ModelSpec) -> Evaluation:
    """Every metric of the task on the test rows, and on the slices that the spec's columns make."""
    answers = model.answer(test)
    cut = cut_spec_slices(test, spec)
    rng = np.random.default_rng(spec.seed)
    slices = tuple(
        evidence.Slice(where=str(part), rows=len(part), estimates=estimate_all(answers.take(part.rows), rng))
        for part in cut.judged
    )
    return Evaluation(answers, estimate_all(answers, rng), slices, tuple(str(part) for part in cut.too_small))


def defined_metrics(answers: Answers) -> dict[str, float]:
    """The metrics that are defined on the rows, by name."""
    return {name: value for name, value in measure(answers).items() if math.isfinite(value)}
