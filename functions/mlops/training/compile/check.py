"""Compilation with its proof: the compiled model, and how far it is from the estimator."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops.contract import Contract
from mlops.data.sample import sample
from mlops.training.compile.compiler import compile_estimator
from mlops.training.compile.parity import Parity, check_parity
from mlops.training.compile.probes import probe_rows

PROBES = 4_000
# Training rows that probes are made from: enough that some reach any split.
PROBED_ROWS = 20_000


@dataclass(frozen=True)
class Compiled:
    """The bytes of a compiled model, and how it compares with its estimator."""

    content: bytes
    parity: Parity


def compile_and_check(estimator: Any, contract: Contract, train: pd.DataFrame, seed: int) -> Compiled:
    """Compile an estimator, and compare the two on about PROBES rows made from the rows that it was fitted on.

    Raises CompilationFailed.
    """
    content = compile_estimator(estimator, contract)
    target = contract.target
    some = train.iloc[sample(train[target.name], PROBED_ROWS, labels=bool(target.labels), seed=seed)]
    probes = probe_rows(estimator, contract, some, np.random.default_rng(seed), PROBES)
    return Compiled(content, check_parity(estimator, contract, content, probes))
