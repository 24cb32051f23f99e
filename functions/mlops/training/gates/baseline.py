"""It knows more than the trivial model, which looks at no column."""

import numpy as np
import pandas as pd

from mlops.contract import Contract
from mlops.registry.manifest.manifest import Gate
from mlops.training.evaluation.head_to_head import compare_by
from mlops.training.evaluation.metrics.answers import Answers, Floats
from mlops.training.evaluation.predict import judge
from mlops.training.gates.words import write_p_value

# A model that always claims a label's share is perfectly calibrated, and tells nothing.
STANDS_FOR = {"calibration_error": "brier"}
# What loses least where nothing is known: the median of distances, the mean of squares.
MEDIANS = ("mae", "pinball")


def answer_trivially(train: pd.DataFrame, test: pd.DataFrame, contract: Contract, metric: str) -> Answers:
    """The answers of the best constant: the labels' shares among the training rows, or the values' mean or median."""
    truth = train[contract.target.name]
    if contract.target.labels:
        shares = truth.value_counts(normalize=True).reindex(list(contract.target.labels)).to_numpy(np.float64)
        return judge(np.tile(shares, (len(test), 1)), test, contract)
    value = float(truth.median() if metric in MEDIANS else truth.mean())
    constant: Floats = np.full(len(test), value)
    return judge(constant, test, contract)


def gate_baseline(model: Answers, trivial: Answers, metric: str, rng: np.random.Generator) -> Gate:
    """The model is better than the trivial one beyond doubt, in the spec's metric, on the same held-out rows."""
    name, required = STANDS_FOR.get(metric, metric), "better"
    try:
        found = compare_by(name, model, trivial, 0.0, rng).overall
    except ValueError as error:
        return Gate(name="baseline", passed=False, observed="undefined", required=required, detail=str(error))
    detail = (
        f"{name} on held-out rows is {found.candidate:.4f}, and {found.champion:.4f} for one that looks at no column "
        f"({write_p_value(found.p_better)})"
    )
    observed = "better" if found.verdict == "better" else "no better"
    return Gate(name="baseline", passed=found.verdict == "better", observed=observed, required=required, detail=detail)
