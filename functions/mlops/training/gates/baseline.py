"""The model is better than the baseline, a constant that uses no column."""

import numpy as np
import pandas as pd

from mlops.contract import Contract
from mlops.evaluation.metrics.answers import Answers, Floats, make_answers
from mlops.registry.manifest.manifest import Gate
from mlops.training.evaluation.champion_comparison import compare_by
from mlops.training.gates.formatting import write_p_value

# A constant that equals a label's share is perfectly calibrated, so another metric must show the difference.
INSTEAD_OF = {"calibration_error": "brier"}
# The constant with the least absolute error is the median; with the least squared error, the mean.
MEDIANS = ("mae", "pinball")


def answer_baseline(train: pd.DataFrame, test: pd.DataFrame, contract: Contract, metric: str) -> Answers:
    """The answers of the best constant: the labels' shares among the training rows, or the values' mean or median."""
    truth = train[contract.target.name]
    if contract.target.labels:
        shares = truth.value_counts(normalize=True).reindex(list(contract.target.labels)).to_numpy(np.float64)
        return make_answers(np.tile(shares, (len(test), 1)), test, contract)
    value = float(truth.median() if metric in MEDIANS else truth.mean())
    constant: Floats = np.full(len(test), value)
    return make_answers(constant, test, contract)


def gate_baseline(model: Answers, baseline: Answers, metric: str, rng: np.random.Generator) -> Gate:
    """The model is significantly better than the baseline in the spec's metric, on the same held-out rows."""
    name, required = INSTEAD_OF.get(metric, metric), "better"
    try:
        found = compare_by(name, model, baseline, 0.0, rng).overall
    except ValueError as error:
        return Gate(name="baseline", passed=False, observed="undefined", required=required, detail=str(error))
    detail = (
        f"{name} on held-out rows is {found.candidate:.4f}, and {found.champion:.4f} for the baseline, which uses no "
        f"column ({write_p_value(found.p_better)})"
    )
    observed = "better" if found.verdict == "better" else "no better"
    return Gate(name="baseline", passed=found.verdict == "better", observed=observed, required=required, detail=detail)
