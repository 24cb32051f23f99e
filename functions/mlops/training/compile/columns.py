"""Columns of tensors: a step takes and gives columns, and they are joined only where a step needs a matrix."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from: value = (the contract's column - shift) / scale, or a monotone function of it.

    `inverse` undoes the last such function, and shift and scale are those after it. `exact` is False where the graph's
    value may differ from the estimator's in its last bits.
    """

    name: str
    shift: float = 0.0
    scale: float = 1.0
    inverse: Callable[[float], float] | None = None
    exact: bool = True

    def before(self, value: float) -> float:
        """The contract column's value that becomes `value` (to rounding)."""
        unscaled = value * self.scale + self.shift
        return unscaled if self.inverse is None else self.inverse(unscaled)


@dataclass(frozen=True, slots=True)
class Column:
    """Column `index` of a tensor [N, width]: float64 numbers, or int64 codes of texts if `text`.

    `origin` is the contract's column that alone decides it ("" where several do), `source` that column as a number
    where it is one still, and `closed` the texts it can't leave (None: any text). `raw` is the position in the input
    `categories` of a text that no step has changed.
    """

    tensor: str
    index: int
    origin: str
    text: bool = False
    source: Source | None = None
    closed: frozenset[str | None] | None = None
    raw: int | None = None

    def moved(self, tensor: str, index: int) -> Self:
        """The same column in another tensor."""
        return replace(self, tensor=tensor, index=index)

    def rescaled(self, shift: float, scale: float) -> Self:
        """The column after `shift` was subtracted and the rest divided by `scale`."""
        if self.source is None or scale == 0:
            return replace(self, source=None)
        source = self.source
        before = source.shift + shift * source.scale
        return replace(self, source=replace(source, shift=before, scale=source.scale * scale))

    def mapped(self, inverse: Callable[[float], float]) -> Self:
        """The column after a monotone function with this inverse, computed to rounding only."""
        if self.source is None:
            return self
        source = self.source

        def before(value: float) -> float:
            return source.before(inverse(value))

        return replace(self, source=Source(source.name, inverse=before, exact=False))


type Columns = tuple[Column, ...]
