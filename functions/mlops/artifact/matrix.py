"""Rows of numbers as one matrix: scored as a whole, and never taken apart unless a single row is needed."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mlops.contract import Column


def is_numeric(columns: Iterable["Column"]) -> bool:
    """Whether rows of the columns are a matrix: all are numbers or whole numbers."""
    return all(column.kind in ("number", "integer") for column in columns)


class Matrix(Sequence[dict[str, Any]]):
    """N rows that keep their contract, [N, columns] in its order. As a sequence it makes each row when it is asked."""

    def __init__(self, names: tuple[str, ...], numbers: NDArray[np.float64]) -> None:
        self.names = names
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> "Matrix": ...
    def __getitem__(self, index: int | slice) -> "dict[str, Any] | Matrix":
        if isinstance(index, slice):
            return Matrix(self.names, self.numbers[index])
        return dict(zip(self.names, self.numbers[index].tolist(), strict=True))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = self.names
        return (dict(zip(names, cells, strict=True)) for cells in self.numbers.tolist())
