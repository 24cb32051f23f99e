"""What monitoring compares a version's records with: its training rows, and its answers to held-out rows."""

import numpy as np
import pandas as pd

from mlops.artifact.names import HELD_OUT, REFERENCES
from mlops.contract import Contract
from mlops.data.load import TrainingData
from mlops.evaluation.answered_rows import AnsweredRows, dump_rows, sample_held_out
from mlops.evaluation.inputs import encode_inputs
from mlops.evaluation.metrics.answers import Answers
from mlops.monitoring.answers import answer_columns, answer_values
from mlops.monitoring.drift.files import dump_references
from mlops.monitoring.drift.reference import Reference, make_reference
from mlops.privacy import is_public


def make_references(answers: Answers, data: TrainingData, contract: Contract, seed: int) -> dict[str, bytes]:
    """The two files, by name. `answers` are those to the test rows.

    Columns that aren't kept are left out: a version follows from its dataset and code, and hashes need a key besides.
    """
    references = _column_references(data.train, contract) | _answer_references(answers, contract)
    held_out = AnsweredRows(answers, encode_inputs(data.test, contract))
    return {
        REFERENCES: dump_references(references),
        HELD_OUT: dump_rows(sample_held_out(held_out, np.random.default_rng(seed))),
    }


def _column_references(train: pd.DataFrame, contract: Contract) -> dict[str, Reference]:
    made = {
        column.name: make_reference(train[column.name].to_numpy(), column)
        for column in contract.columns
        if is_public(column)
    }
    return {name: reference for name, reference in made.items() if reference is not None}


def _answer_references(answers: Answers, contract: Contract) -> dict[str, Reference]:
    values = answer_values(answers, contract)
    made = {column.name: make_reference(values[column.name], column) for column in answer_columns(contract)}
    return {name: reference for name, reference in made.items() if reference is not None}
