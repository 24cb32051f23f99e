"""Records of a window → a version's answers, with truth where there is one, and the inputs that they were given for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlops.artifact.decision import positive_index
from mlops.contract import Column, Contract
from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.inputs import encode_inputs
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, Integers, ValueAnswers
from mlops.privacy import is_public

MICROSECONDS_A_DAY = 86_400_000_000.0


@dataclass(frozen=True, eq=False)
class WindowRows:
    """The answers of one version [n] and their inputs, as a table [n, columns] like training's, of kept columns alone.

    `recorded` [n] says which rows' inputs were recorded; those of the others are missing.
    """

    contract: Contract
    answers: Answers
    inputs: pd.DataFrame
    recorded: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.answers)

    def take(self, rows: Integers) -> "WindowRows":
        """Some of the rows, by position."""
        return WindowRows(self.contract, self.answers.take(rows), self.inputs.iloc[rows], self.recorded[rows])

    def answered(self) -> AnsweredRows:
        """All rows, without inputs."""
        return AnsweredRows(self.answers)

    def described(self) -> AnsweredRows | None:
        """The rows whose inputs were recorded, with them; None where there are none."""
        places = np.flatnonzero(self.recorded)
        if not len(places) or self.inputs.empty:
            return None
        return AnsweredRows(self.answers.take(places), encode_inputs(self.inputs.iloc[places], self.contract))


def read_rows(table: pa.Table, contract: Contract, threshold: float | None = None) -> WindowRows | None:
    """The rows of one version's records, or None where none has a whole answer.

    `table` has the columns of `mlops.records`: probabilities or value, and where they are needed inputs and truth.
    Without `truth` the answers have one that means nothing. `threshold` is the version's. Raises ValueError for a truth
    that isn't among the contract's labels.
    """
    table = table.filter(_whole(table, contract))
    if not table.num_rows:
        return None
    inputs, recorded = _read_inputs(table, contract)
    return WindowRows(contract, _read_answers(table, contract, threshold), inputs, recorded)


def _whole(table: pa.Table, contract: Contract) -> pa.ChunkedArray:
    """Whether each row has a value, or a probability for every label."""
    if not contract.target.labels:
        return pc.is_valid(table["value"])
    chances = [pc.struct_field(table["probabilities"], label) for label in contract.target.labels]
    whole = pc.is_valid(chances[0])
    for chance in chances[1:]:
        whole = pc.and_(whole, pc.is_valid(chance))
    return whole


def _read_answers(table: pa.Table, contract: Contract, threshold: float | None) -> Answers:
    target = contract.target
    if not target.labels:
        values = table["value"].to_numpy()
        return ValueAnswers(_read_values(table, values), values)
    chances = np.column_stack([pc.struct_field(table["probabilities"], label).to_numpy() for label in target.labels])
    truth = _read_labels(table, target.labels)
    return ClassAnswers(truth, chances, target.labels, positive_index(target), threshold)


def _read_values(table: pa.Table, otherwise: Floats) -> Floats:
    if "truth" not in table.column_names:
        return otherwise
    truth: Floats = table["truth"].to_numpy()
    return truth


def _read_labels(table: pa.Table, labels: tuple[str, ...]) -> Integers:
    if "truth" not in table.column_names:
        return np.zeros(table.num_rows, dtype=np.intp)
    places = pc.index_in(table["truth"], value_set=pa.array(labels))
    if places.null_count:
        unknown = pc.unique(table["truth"].filter(pc.is_null(places))).to_pylist()
        raise ValueError(f"truths {unknown} are not among the labels {list(labels)}")
    truth: Integers = places.to_numpy().astype(np.intp)
    return truth


def _read_inputs(table: pa.Table, contract: Contract) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """The kept columns as training's table has them (dates as days, times as hours), and which rows were recorded."""
    kept = [column for column in contract.columns if is_public(column)]
    if "inputs" not in table.column_names:
        nothing = {column.name: np.full(table.num_rows, np.nan) for column in kept}
        return pd.DataFrame(nothing), np.zeros(table.num_rows, dtype=np.bool_)
    inputs = table["inputs"].combine_chunks()
    cells = {column.name: _read_cells(pc.struct_field(inputs, column.name), column) for column in kept}
    return pd.DataFrame(cells, index=range(table.num_rows)), np.asarray(pc.is_valid(inputs))


def _read_cells(cells: pa.Array, column: Column) -> Floats | NDArray[np.object_]:
    if column.kind == "category":
        texts: NDArray[np.object_] = cells.to_numpy(zero_copy_only=False)
        return texts
    if column.kind == "date":
        cells = cells.cast(pa.int32())
    if column.kind == "datetime":
        cells = pc.divide(cells.cast(pa.int64()).cast(pa.float64()), MICROSECONDS_A_DAY)
    if column.kind == "time":
        cells = pc.divide(cells.cast(pa.int64()).cast(pa.float64()), MICROSECONDS_A_DAY / 24)
    numbers: Floats = cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers
