"""A candidate before its gates: everything that is asked of it, and what it answered."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.manifest import Gate
from mlops.spec import ModelSpec
from mlops.training.compile import Parity
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.held_out import Evaluation
from mlops.training.evaluation.metrics.answers import Answers, ClassAnswers
from mlops.training.gates.baseline import gate_baseline
from mlops.training.gates.behaviour import gate_behaviour
from mlops.training.gates.calibration import gate_calibration
from mlops.training.gates.champion import gate_champion
from mlops.training.gates.compiled import gate_parity
from mlops.training.gates.floors import gate_floors
from mlops.training.gates.footprint import gate_footprint
from mlops.training.gates.footprint_probe.measure import Footprint


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What the gates judge: the compiled model on the test rows, beside the trivial model and the champion."""

    model: CompiledModel
    test: pd.DataFrame
    evaluation: Evaluation
    trivial: Answers
    comparison: Comparison | None
    parity: Parity
    footprint: Footprint

    def gates(self, spec: ModelSpec) -> Iterator[Gate]:
        """Every gate but the golden rows', which the finished version must pass."""
        answers = self.evaluation.answers
        rng = np.random.default_rng(spec.seed)
        yield gate_parity(self.parity)
        yield from gate_floors(self.evaluation.recorded, spec.floors, spec.target.task, self.evaluation.slices)
        yield gate_baseline(answers, self.trivial, spec.metric, rng)
        yield from gate_champion(self.comparison)
        if isinstance(answers, ClassAnswers):
            yield gate_calibration(answers, rng)
        yield from gate_behaviour(self.model, self.test, spec.invariances, spec.directions, rng)
        yield from gate_footprint(self.footprint, spec.limits)
