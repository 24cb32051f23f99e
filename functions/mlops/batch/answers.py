"""Scores → the table of answers, and the file that it's written to."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from mlops.contract import Contract, Target
from mlops.serving.scorer import Scores

if TYPE_CHECKING:
    from mlops.artifact.explanation.explainer import Explanation

OWN = (
    "file",
    "row",
    "prediction_id",
    "model_version",
    "label",
    "probability",
    "probabilities",
    "value",
    "explanation_base",
    "contributions",
)
"""Names of columns that keys must not have."""
_GROUP = 1 << 17  # rows of a row group, or more


def make_answers(
    contract: Contract,
    version: int,
    file: str,
    rows: NDArray[np.int64],
    key: pa.Table,
    ids: pa.StringArray,
    scores: Scores,
    explanations: "Sequence[Explanation] | None",
) -> pa.Table:
    """The answers to rows of a file, by their numbers; `key` are the columns that the answers repeat."""
    count = len(rows)
    columns: dict[str, Any] = {
        "file": pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), [file]),
        "row": pa.array(rows),
        **{name: key[name] for name in key.column_names},
        "prediction_id": ids,
        "model_version": pa.array(np.full(count, version, np.int64)),
        **_answer(contract.target, scores),
    }
    if explanations is not None:
        columns |= _explain(contract, explanations)
    return pa.table(columns)


def _answer(target: Target, scores: Scores) -> dict[str, pa.Array]:
    if not target.labels:
        return {"value": pa.array(scores.answer)}
    places = {label: place for place, label in enumerate(target.labels)}
    chosen = np.fromiter(map(places.__getitem__, scores.labels), np.int32, len(scores.labels))
    chances = [pa.array(np.ascontiguousarray(column)) for column in scores.answer.T]
    return {
        "label": pa.DictionaryArray.from_arrays(chosen, pa.array(target.labels, pa.string())),
        "probability": pa.array(scores.answer[np.arange(len(chosen)), chosen]),
        "probabilities": pa.StructArray.from_arrays(chances, [*target.labels]),
    }


def _explain(contract: Contract, explanations: "Sequence[Explanation]") -> dict[str, pa.Array]:
    parts = [pa.array([each.contributions[name] for each in explanations], pa.float64()) for name in contract.names]
    return {
        "explanation_base": pa.array([each.base for each in explanations], pa.float64()),
        "contributions": pa.StructArray.from_arrays(parts, [*contract.names]),
    }


class AnswerFile:
    """A file of answers, written table by table. The same tables make the same bytes."""

    def __init__(self, path: Path, form: Literal["parquet", "csv"]) -> None:
        self.rows = 0
        self._path = path
        self._form = form
        self._waiting: list[pa.Table] = []
        self._writer: pq.ParquetWriter | arrow_csv.CSVWriter | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, answers: pa.Table) -> None:
        """Add answers."""
        self.rows += answers.num_rows
        self._waiting.append(answers)
        if sum(each.num_rows for each in self._waiting) >= _GROUP:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting).unify_dictionaries()
        self._waiting = []
        if self._form == "csv":
            table = _flatten(table)
        if self._writer is None:
            self._writer = self._open(table.schema)
        if isinstance(self._writer, pq.ParquetWriter):
            self._writer.write_table(table, row_group_size=table.num_rows)
        else:
            self._writer.write_table(table)

    def _open(self, schema: pa.Schema) -> "pq.ParquetWriter | arrow_csv.CSVWriter":
        if self._form == "csv":
            return arrow_csv.CSVWriter(self._path, schema)
        repeated = [name for name in ("file", "model_version", "label") if name in schema.names]
        return pq.ParquetWriter(self._path, schema, use_dictionary=repeated, compression="snappy")


def _flatten(table: pa.Table) -> pa.Table:
    """Members of structs as columns of their own, `struct.member`, and texts instead of dictionaries."""
    while any(pa.types.is_struct(kind) for kind in table.schema.types):
        table = table.flatten()
    plain = [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in table.schema]
    return table.cast(pa.schema(plain))
