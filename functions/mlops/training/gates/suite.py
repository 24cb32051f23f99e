"""The suite of gates: everything that they examine, and every gate in its order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.manifest import Gate
from mlops.spec import ModelSpec
from mlops.training.compile import Compiled
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.measurement import Evaluation
from mlops.training.evaluation.metrics.answers import Answers, ClassAnswers
from mlops.training.gates.baseline import gate_baseline
from mlops.training.gates.behaviour import gate_behaviour
from mlops.training.gates.calibration import gate_calibration
from mlops.training.gates.champion import gate_champion
from mlops.training.gates.compiled import gate_parity
from mlops.training.gates.floors import gate_floors
from mlops.training.gates.footprint import gate_footprint, measure_footprint


@dataclass(frozen=True, kw_only=True)
class GateInputs:
    """A compiled candidate, its results on the test rows, the baseline's, and the comparison with the champion."""

    compiled: Compiled
    model: CompiledModel
    test: pd.DataFrame
    evaluation: Evaluation
    baseline: Answers
    comparison: Comparison | None


def run_gates(given: GateInputs, spec: ModelSpec) -> Iterator[Gate]:
    """Every gate but "golden", which needs the version's files. Raises CompilationFailed if no process can load it."""
    evaluation, answers = given.evaluation, given.evaluation.answers
    rng = np.random.default_rng(spec.seed)
    yield gate_parity(given.compiled.parity)
    yield from gate_floors(evaluation.estimates, spec.floors, spec.target.task, evaluation.slices)
    yield gate_baseline(answers, given.baseline, spec.metric, rng)
    yield from gate_champion(given.comparison)
    if isinstance(answers, ClassAnswers):
        yield gate_calibration(answers, rng)
    yield from gate_behaviour(given.model, given.test, spec.invariances, spec.directions, rng)
    footprint = measure_footprint(given.compiled.content, spec.contract, given.test)
    yield from gate_footprint(footprint, spec.limits)
