"""The way through a fitted estimator: each step is converted by the converter of its exact type."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mlops.artifact.inputs import CATEGORIES, NUMBERS
from mlops.contract import Contract
from mlops.errors.training import CompilationFailed
from mlops.training.compile.columns import Column, Columns, Source
from mlops.training.compile.graph import ML, Graph
from mlops.training.compile.table import Converters, Kind, Role, find
from mlops.training.compile.trees import Splits
from mlops.training.compile.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Classification:
    """What a classifier answers: probabilities [N, k] of `classes`, None where it gives scores alone.

    `decision` is what calibration starts from: [N, 1] of the second class if there are two, else [N, k]. `label` is the
    position [N] of the class that it predicts, None where that is the likeliest one. `score` is what trees add up to,
    [N, 1] or [N, k], where that is neither decision nor probabilities.
    """

    classes: NDArray[Any]
    probabilities: str | None
    decision: str
    label: str | None = None
    score: str | None = None


@dataclass(frozen=True, slots=True)
class Regression:
    """What a regressor answers: values [N, 1].

    `logarithm` is their logarithm [N, 1], where trees add up to it.
    """

    values: str
    logarithm: str | None = None


type Answer = Classification | Regression
type Transformer = Callable[[Any, Columns, "Walk"], Columns]
type Predictor = Callable[[Any, Columns, "Walk"], Answer]


class Walk:
    """One compilation under way: the graph so far, and the way from the estimator to this step.

    `splits`, `edges` and `texts` are where rows should be looked at: trees, values of columns, texts of columns.
    """

    def __init__(self, contract: Contract, converters: Converters[Transformer, Predictor]) -> None:
        self.graph = Graph()
        self.vocabulary = Vocabulary()
        self.splits: list[Splits] = []
        self.edges: list[tuple[Source, float]] = []
        self.texts: list[tuple[str, str]] = []
        self._contract = contract
        self._converters = converters
        self._path: list[str] = []

    def inputs(self) -> Columns:
        """The contract's columns: numbers from the input `numbers`, texts as codes of the input `categories`."""
        texts = [column for column in self._contract.columns if column.kind == "category"]
        numbers = [column for column in self._contract.columns if column.kind != "category"]
        self.graph.declare(NUMBERS, len(numbers))
        codes = ""
        if texts:
            codes = self.graph.node(
                "LabelEncoder", CATEGORIES, domain=ML, width=len(texts), later=self.vocabulary.encoder
            )
        columns: dict[str, Column] = {}
        for index, column in enumerate(numbers):
            columns[column.name] = Column(NUMBERS, index, column.name, source=Source(column.name))
        for index, column in enumerate(texts):
            allowed = {*column.categories} | (set() if column.required else {None})
            closed = frozenset(allowed) if column.categories else None
            columns[column.name] = Column(codes, index, column.name, text=True, closed=closed, raw=index)
        return tuple(columns[name] for name in self._contract.names)

    def transform(self, estimator: Any, columns: Columns, name: str = "") -> Columns:
        """The columns after a transformer. Raises CompilationFailed if it has no exact conversion."""
        with self._at(estimator, name):
            return self._found(self._converters.transformers, estimator, "transform")(estimator, columns, self)

    def predict(self, estimator: Any, columns: Columns, name: str = "") -> Answer:
        """The answer of a classifier or regressor. Raises CompilationFailed if it has no exact conversion."""
        with self._at(estimator, name):
            return self._found(self._converters.predictors, estimator, "predict")(estimator, columns, self)

    def numbers(self, columns: Columns) -> Columns:
        """The columns, which must all be numbers. Raises CompilationFailed if a text is among them."""
        if any(column.text for column in columns):
            raise self.failure("a category column reaches it as text; encode it first, with OneHotEncoder for instance")
        if not columns:
            raise self.failure("no column reaches it")
        return columns

    def is_optional(self, name: str) -> bool:
        """Whether a column of the contract may be missing."""
        return any(column.name == name and not column.required for column in self._contract.columns)

    def mark(self, column: Column, values: Iterable[float]) -> None:
        """Note values of a column at which the estimator's answer has an edge, for rows to be placed there."""
        if column.source is not None:
            self.edges += [(column.source, float(value)) for value in values]

    def failure(self, reason: str) -> CompilationFailed:
        """The error that the step under way can't be converted for this reason."""
        return CompilationFailed(" > ".join(self._path) or "the estimator", reason)

    @contextmanager
    def _at(self, estimator: Any, name: str) -> Iterator[None]:
        kind = type(estimator).__name__
        self._path.append(f"{name} ({kind})" if name else kind)
        yield
        self._path.pop()

    def _found[C](self, table: Mapping[Kind, C], estimator: Any, role: Role) -> C:
        converter = find(table, estimator)
        reason = self._converters.refusal(estimator, role)
        if converter is None or reason is not None:
            raise self.failure(reason or "it has no exact conversion")
        return converter
