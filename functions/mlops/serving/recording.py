"""What a prediction record holds of the inputs: all rows', a share's or none's, and of a long text its beginning."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from pydantic_core import to_json

from mlops.contract import Contract
from mlops.errors.base import SettingInvalid
from mlops.privacy import is_public
from mlops.telemetry import write_json

MIN_CELL_BYTES = 64  # a keyed hash has 32 and must never be cut
_ALL = 1 << 64
_FIXED = 1_000  # bytes: the ids, the answer's names, and texts of ordinary length
_CELL = 60  # bytes of a number, date, hash or short text, with its quotes and commas
_MAX_TEXT = 80  # bytes of a text in a record that would be too long


class Recording:
    """`share` of the predictions (0 to 1) have their inputs recorded, of a text at most `cell_bytes` bytes of UTF-8."""

    def __init__(self, share: float = 1.0, cell_bytes: int = 1024) -> None:
        self.share = share
        self.cell_bytes = cell_bytes

    @classmethod
    def from_settings(cls, inputs: str, cell_bytes: int) -> "Recording":
        """From RECORD_INPUTS ("all", "none", or a share such as "0.1") and RECORD_CELL_BYTES. Raises SettingInvalid."""
        if cell_bytes < MIN_CELL_BYTES:
            raise SettingInvalid("RECORD_CELL_BYTES", str(cell_bytes), f"it must be at least {MIN_CELL_BYTES}")
        named = {"all": 1.0, "none": 0.0}
        try:
            share = named[inputs] if inputs in named else float(inputs)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            raise SettingInvalid("RECORD_INPUTS", inputs, "it must be all, none, or a share from 0 to 1")
        return cls(share, cell_bytes)

    def holds_inputs(self, prediction_id: str) -> bool:
        """Whether this prediction's inputs are recorded: always the same for the same id.

        Whatever a share chooses, a larger share chooses too.
        """
        if self.share in (0, 1):
            return self.share == 1
        chance = int.from_bytes(blake2b(prediction_id.encode(), digest_size=8).digest())
        return chance < self.share * _ALL

    def choose(self, prediction_ids: Iterable[str]) -> list[bool] | None:
        """For each prediction whether its inputs are recorded; None if all are."""
        return None if self.share == 1 else [*map(self.holds_inputs, prediction_ids)]

    def cut(self, inputs: Mapping[str, Any], columns: Iterable[str]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """The inputs with the long texts of the columns cut, and the names of those cut, for `inputs_cut`."""
        names = tuple(name for name in columns if self._is_long(inputs.get(name)))
        if not names:
            return inputs, ()
        return {**inputs, **{name: self._beginning(inputs[name]) for name in names}}, names

    def _is_long(self, cell: Any) -> bool:
        # A character has at most 4 bytes, so that the length decides of nearly every text.
        return isinstance(cell, str) and len(cell) * 4 > self.cell_bytes and len(cell.encode()) > self.cell_bytes

    def _beginning(self, text: str) -> str:
        return text.encode()[: self.cell_bytes].decode(errors="ignore")


class RecordLimits:
    """How long the records of a contract's rows and the texts in them may be."""

    def __init__(self, recording: Recording, contract: Contract) -> None:
        self._recording = recording
        self._texts = _text_columns(contract)
        self._longest = longest_record(contract, recording.cell_bytes)
        self.ordinary = min(recording.cell_bytes, self._longest) if self._texts else self._longest
        """Bytes of JSON: a record that has no more has no long text."""

    def shorten(self, record: dict[str, Any]) -> bytes:
        """The JSON of a record with inputs that has more, with its long texts cut and their columns in `inputs_cut`."""
        record["inputs"], cut = self._recording.cut(record["inputs"], self._texts)
        if cut:
            record["inputs_cut"] = cut
        line = write_json(record)
        return line if len(line) <= self._longest else write_json(shorten_inputs(record))


def longest_record(contract: Contract, cell_bytes: int) -> int:
    """Bytes of a record's JSON that any row stays within whose texts are ordinary and have at most `cell_bytes`."""
    names = sum(len(to_json(name)) + _CELL for name in contract.names)
    texts = len(_text_columns(contract)) * cell_bytes
    # An answer and the challenger's both have a probability for each label.
    return _FIXED + names + texts + 2 * sum(len(to_json(label)) + _CELL for label in contract.target.labels)


def shorten_inputs(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record that is too long with the texts in its inputs cut: in JSON a text may take six times its bytes."""
    inputs = record["inputs"]
    short = {name: _cut(cell) if isinstance(cell, str) else cell for name, cell in inputs.items()}
    cut = {*record.get("inputs_cut", ()), *(name for name in short if short[name] != inputs[name])}
    return {**record, "inputs": short, "inputs_cut": [name for name in short if name in cut]}


def _text_columns(contract: Contract) -> list[str]:
    """The columns whose texts are recorded as they came."""
    return [column.name for column in contract.columns if column.kind == "category" and is_public(column)]


def _cut(text: str) -> str:
    if len(text) <= _MAX_TEXT and len(to_json(text)) <= _MAX_TEXT:
        return text
    start, size = text[:_MAX_TEXT], 0
    for place, character in enumerate(start):
        size += len(to_json(character)) - 2
        if size > _MAX_TEXT:
            return f"{start[:place]}…"
    return f"{start}…"
