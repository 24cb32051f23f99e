"""Its probabilities come true as often as they claim."""

import numpy as np

from mlops.registry.manifest.manifest import Gate
from mlops.training.evaluation.bootstrap import affordable
from mlops.training.evaluation.calibration_test import check_calibration
from mlops.training.evaluation.metrics.answers import ClassAnswers
from mlops.training.gates.words import write_p_value

ALPHA = 0.025
EXCESS = 0.05
"""The calibration error beyond chance's that matters; on many rows the smallest one can be told from chance."""


def gate_calibration(answers: ClassAnswers, rng: np.random.Generator) -> Gate:
    """The calibration error isn't beyond doubt, or beyond chance by no more than 5 points."""
    found = check_calibration(answers, rng, affordable(len(answers)))
    required = found.expected + EXCESS
    passed = found.p_value > ALPHA or found.error <= required
    detail = (
        f"claims miss by {found.error:.4f} on average; perfectly calibrated ones would by {found.expected:.4f} on "
        f"{found.rows} rows ({write_p_value(found.p_value)})"
    )
    return Gate(name="calibration", passed=passed, observed=found.error, required=required, detail=detail)
