"""Lines of JSON → Arrow tables of a given schema; a line that doesn't fit is left out, with the reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json
from pydantic_core import from_json

from mlops.contract import Column, Contract

MICROSECONDS = pa.timestamp("us", tz="UTC")
LINE = "line"
"""The column with a record's whole line, where it's asked for."""

_LINE_END = ord("\n")
_KINDS = {
    "number": pa.float64(),
    "integer": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": MICROSECONDS,
    "time": pa.time64("us"),
    "category": pa.string(),
}


@dataclass(frozen=True)
class BadLine:
    """A line that can't be read; `line` counts from 1 in the object."""

    line: int
    reason: str


def prediction_schema(contract: Contract, fields: Sequence[str] | None, inputs: Sequence[str] | None) -> pa.Schema:
    """The schema of prediction records, or of some of their fields and inputs; inputs that are dropped have none."""
    target = contract.target
    answer = (
        [
            pa.field("label", pa.string()),
            pa.field("probability", pa.float64()),
            pa.field("probabilities", pa.struct([(label, pa.float64()) for label in target.labels])),
            pa.field("challenger_label", pa.string()),
            pa.field("challenger_probability", pa.float64()),
        ]
        if target.labels
        else [pa.field("value", pa.float64()), pa.field("challenger_value", pa.float64())]
    )
    all_fields = [
        pa.field("prediction_id", pa.string()),
        pa.field("timestamp", MICROSECONDS),
        pa.field("model_version", pa.int64()),
        pa.field("role", pa.string()),
        pa.field("latency_ms", pa.float64()),
        pa.field("function_request_id", pa.string()),
        pa.field("request_id", pa.string()),
        *answer,
        pa.field("challenger_version", pa.int64()),
        *_struct_field("inputs", [each for each in contract.columns if inputs is None or each.name in inputs]),
        pa.field("inputs_cut", pa.list_(pa.string())),
    ]
    always = ("prediction_id", "timestamp", "model_version")
    return pa.schema([each for each in all_fields if fields is None or each.name in fields or each.name in always])


def common_schema() -> pa.Schema:
    """The schema of what prediction records have whatever the version's contract, with the whole line.

    `inputs` is null where they aren't recorded, and has no cells.
    """
    return pa.schema(
        [
            pa.field("prediction_id", pa.string()),
            pa.field("timestamp", MICROSECONDS),
            pa.field("model_version", pa.int64()),
            pa.field("role", pa.string()),
            pa.field("latency_ms", pa.float64()),
            pa.field("label", pa.string()),
            pa.field("value", pa.float64()),
            pa.field("challenger_label", pa.string()),
            pa.field("challenger_value", pa.float64()),
            pa.field("challenger_version", pa.int64()),
            pa.field("inputs", pa.struct([])),
            pa.field(LINE, pa.binary()),
        ]
    )


def feedback_schema(contract: Contract, key: Sequence[str]) -> pa.Schema:
    """The schema of feedback lines; `key` are the columns that may name a row."""
    return pa.schema(
        [
            pa.field("prediction_id", pa.string()),
            *_struct_field("key", [column for column in contract.columns if column.name in key]),
            pa.field("truth", pa.string() if contract.target.labels else pa.float64()),
            pa.field("at", MICROSECONDS),
            pa.field("received_at", MICROSECONDS),
            pa.field("source", pa.string()),
        ]
    )


def event_schema() -> pa.Schema:
    """The schema of events of users: `user` is what the privacy rule leaves of the user's id, null if nothing."""
    return pa.schema(
        [
            pa.field("id", pa.string()),
            pa.field("user", pa.string()),
            pa.field("item", pa.string()),
            pa.field("event", pa.string()),
            pa.field("time", MICROSECONDS),
            pa.field("rating", pa.float64()),
            pa.field("recommendation_id", pa.string()),
            pa.field("position", pa.int64()),
            pa.field("received_at", MICROSECONDS),
        ]
    )


def recommendation_schema() -> pa.Schema:
    """The schema of recommendation records: `items` in the order of the answer, `user` as in events.

    `propensities` are the chances of each item to stand where it stands. `history` has how much of it came from each
    source; `unavailable` are sources that were away, `unknown_items` counts the events of the history with items that
    the version doesn't know, and `excluded` the items that the request didn't want.
    """
    return pa.schema(
        [
            pa.field("recommendation_id", pa.string()),
            pa.field("timestamp", MICROSECONDS),
            pa.field("model_version", pa.int64()),
            pa.field("role", pa.string()),
            pa.field("user", pa.string()),
            pa.field("basis", pa.string()),
            pa.field("k", pa.int64()),
            pa.field("items", pa.list_(pa.string())),
            pa.field("propensities", pa.list_(pa.float64())),
            pa.field("explored", pa.bool_()),
            pa.field("history", pa.struct([(name, pa.int64()) for name in ("training", "recent", "request")])),
            pa.field("unavailable", pa.list_(pa.string())),
            pa.field("unknown_items", pa.int64()),
            pa.field("excluded", pa.int64()),
        ]
    )


def _struct_field(name: str, columns: Sequence[Column]) -> list[pa.Field]:
    """A member with the contract's columns as records have them: a hash is text, whatever was hashed."""
    cells = [
        (column.name, pa.string() if column.privacy == "hash" else _KINDS[column.kind])
        for column in columns
        if column.privacy != "drop"
    ]
    return [pa.field(name, pa.struct(cells))] if cells else []


class LineDecoder:
    """Decodes the lines of one kind of record.

    `required` are groups of fields, one of each of which a line must have. With `versions`, lines of other model
    versions, whose contract may be another, are passed over. A field LINE of the schema gets the record's whole line.
    """

    def __init__(
        self, schema: pa.Schema, required: Sequence[Sequence[str]], versions: frozenset[int] | None = None
    ) -> None:
        self.schema = schema
        self._required = required
        self._versions = versions
        # Arrow's reader makes no dates, and no times of day, of text.
        plain = pa.schema([pa.field(each.name, _without_dates(each.type)) for each in schema if each.name != LINE])
        self._options = arrow_json.ParseOptions(explicit_schema=plain, unexpected_field_behavior="ignore")

    def decode(self, block: bytes, first: int = 1) -> tuple[pa.Table, list[BadLine]]:
        """The table of a block of lines, and its bad lines; `first` is the number of the block's first line."""
        try:
            table = self._decode(block)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            lines = [(number, line) for number, line in enumerate(block.split(b"\n"), first) if line.strip()]
            pieces = [*self._salvage([each for each in lines if self._belongs(each[1])])]
            tables = [piece for piece in pieces if isinstance(piece, pa.Table)]
            bad = [piece for piece in pieces if isinstance(piece, BadLine)]
            return pa.concat_tables(tables) if tables else self.schema.empty_table(), bad
        if self._versions is not None:
            table = table.filter(pc.is_in(table["model_version"], pa.array([*self._versions], pa.int64())))
        return table, []

    def _decode(self, block: bytes) -> pa.Table:
        """The table of lines each of which is an object that fits. Raises ArrowInvalid or UnicodeDecodeError."""
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        # Arrow's reader crashes the process where all values are null.
        if not block.startswith(b"{") or block.count(b"\n{") + 1 != lines:
            raise pa.ArrowInvalid("it's no JSON object")
        if not block.isascii():
            block.decode()
        options = arrow_json.ReadOptions(use_threads=False, block_size=len(block) + 1)
        table = arrow_json.read_json(pa.BufferReader(block), read_options=options, parse_options=self._options)
        if table.num_rows != lines:
            raise pa.ArrowInvalid("it has more than one value")
        for names in self._required:
            found = pc.is_valid(table[names[0]])
            for name in names[1:]:
                found = pc.or_(found, pc.is_valid(table[name]))
            if not pc.all(found).as_py():
                raise pa.ArrowInvalid(f"it has no {' or '.join(names)}")
        if LINE in self.schema.names:
            table = table.append_column(self.schema.field(LINE), _cut_lines(block, lines))
        if table.schema != self.schema:
            table = pa.table([_cast(table[each.name].combine_chunks(), each.type) for each in self.schema], self.schema)
        return table

    def _salvage(self, lines: Sequence[tuple[int, bytes]]) -> Iterator[pa.Table | BadLine]:
        """The tables of the good lines and the bad ones, found by halving."""
        if not lines:
            return
        try:
            yield self._decode(b"\n".join(line for _, line in lines))
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            if len(lines) == 1:
                yield BadLine(lines[0][0], _explain(error))
                return
            middle = len(lines) // 2
            yield from self._salvage(lines[:middle])
            yield from self._salvage(lines[middle:])

    def _belongs(self, line: bytes) -> bool:
        if self._versions is None:
            return True
        try:
            return from_json(line).get("model_version") in self._versions
        except (ValueError, AttributeError):
            return True  # no record at all, which decoding it says


def _cut_lines(block: bytes, count: int) -> pa.Array:
    """The block's lines with their ends, without a copy."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == _LINE_END).astype(np.int32) + 1
    offsets = np.concatenate([np.zeros(1, np.int32), ends])
    if len(ends) < count:
        offsets = np.append(offsets, np.int32(len(block)))
    return pa.Array.from_buffers(pa.binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(block)])


def _without_dates(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([(each.name, _without_dates(each.type)) for each in kind])
    return pa.string() if pa.types.is_date(kind) or pa.types.is_time(kind) else kind


def _cast(cells: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_time(kind):
        # Arrow reads a time of day from a text only as a part of a timestamp.
        return pc.binary_join_element_wise("1970-01-01T", cells, "").cast(pa.timestamp("us")).cast(kind)
    if not pa.types.is_struct(kind) or cells.type == kind:
        return cells.cast(kind)
    parts = [_cast(cells.field(each.name), each.type) for each in kind]
    return pa.StructArray.from_arrays(parts, fields=[*kind], mask=cells.is_null())


def _explain(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it isn't UTF-8"
    return str(error).removeprefix("JSON parse error: ").removesuffix(" in row 0")
