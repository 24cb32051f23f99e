"""What a prediction record holds of the inputs: all rows', a share's or none's, and of a long text its beginning."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from mlops.errors import SettingInvalid

MIN_CELL_BYTES = 64  # a keyed hash has 32 and must never be cut
_ALL = 1 << 64


@dataclass(frozen=True)
class Recording:
    """`share` of the predictions (0 to 1) have their inputs recorded; a text has at most `cell_bytes` bytes."""

    share: float = 1.0
    cell_bytes: int = 1024

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

    def cut(self, inputs: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """The inputs with long texts cut, and the names of the columns that were cut, for `inputs_cut`."""
        names = tuple(name for name, cell in inputs.items() if isinstance(cell, str) and self._is_long(cell))
        if not names:
            return inputs, ()
        return {**inputs, **{name: self._beginning(inputs[name]) for name in names}}, names

    def _is_long(self, text: str) -> bool:
        # A character has at most 4 bytes, so that the length decides of nearly every text.
        return len(text) * 4 > self.cell_bytes and len(text.encode()) > self.cell_bytes

    def _beginning(self, text: str) -> str:
        return text.encode()[: self.cell_bytes].decode(errors="ignore")
