"""Columns of tensors: a step takes and gives columns, and they are joined only where a step needs a matrix."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from: value = (the contract's column - shift) / scale."""

    name: str
    shift: float = 0.0
    scale: float = 1.0

    def before(self, value: float) -> float:
        """The contract column's value that becomes `value` (to rounding)."""
        return value * self.scale + self.shift


@dataclass(frozen=True, slots=True)
class Column:
    """Column `index` of a tensor [N, width]: float64 numbers, or int64 codes of texts if `text`.

    `origin` is the contract's column that alone decides it, `source` that column as a number where it is one still, and
    `closed` the texts it can't leave (None: any text).
    """

    tensor: str
    index: int
    origin: str
    text: bool = False
    source: Source | None = None
    closed: frozenset[str | None] | None = None

    def moved(self, tensor: str, index: int) -> Self:
        """The same column in another tensor."""
        return replace(self, tensor=tensor, index=index)

    def rescaled(self, shift: float, scale: float) -> Self:
        """The column after `shift` was subtracted and the rest divided by `scale`."""
        if self.source is None or scale == 0:
            return replace(self, source=None)
        source = self.source
        return replace(self, source=Source(source.name, source.shift + shift * source.scale, source.scale * scale))


type Columns = tuple[Column, ...]
