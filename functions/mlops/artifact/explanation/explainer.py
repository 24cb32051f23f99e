"""A row's features → what each of the contract's columns contributes to the score of an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.explanation.linear import Linear
from mlops.artifact.explanation.trees import Trees

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class View:
    """How a score of the whole follows from an output of a part: `scale` x output + `shift`."""

    output: int
    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """An estimator within the model: it sees the next `width` of the features, and adds to the score of each answer.

    `columns` names the contract's column behind each feature that has contributions, `views` has one View an answer.
    """

    model: Linear | Trees
    width: int
    columns: tuple[str, ...]
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one answer: `base` and the contributions of all columns add up to the answer's score, which is in `unit`."""

    unit: str
    base: float
    contributions: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains the answers of one model version.

    `graph` is the ONNX model from a row's inputs to `features` [N, width of all parts]; `names` are the contract's
    columns.
    """

    unit: str
    names: tuple[str, ...]
    parts: tuple[Part, ...]
    graph: bytes

    @property
    def cost(self) -> int:
        """What a row costs: nodes of trees times points of the quadrature. Linear parts cost nothing that counts."""
        return sum(part.model.cost for part in self.parts if isinstance(part.model, Trees))

    def explain(self, features: Floats, answers: Sequence[int]) -> list[Explanation]:
        """One explanation for each row of features [N, width]: of the label with this number, or of the value (0)."""
        return [self._explain(row, answer) for row, answer in zip(features, answers, strict=True)]

    def _explain(self, row: Floats, answer: int) -> Explanation:
        total = dict.fromkeys(self.names, 0.0)
        base = 0.0
        start = 0
        for part in self.parts:
            view = part.views[answer]
            found = part.model.contributions(row[start : start + part.width], view.output) * view.scale
            base += float(part.model.base[view.output]) * view.scale + view.shift
            for name, value in zip(part.columns, found.tolist(), strict=True):
                total[name] += value
            start += part.width
        return Explanation(self.unit, base, total)
