"""SimpleImputer, of numbers and of texts, with its missing-value indicators."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.impute import SimpleImputer

from mlops.artifact.inputs import MISSING_TEXT
from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.vocabulary import MISSING
from mlops.training.compile.walk import Transformer, Walk


def is_missing(value: object) -> bool:
    """Whether a value is None, NaN or pandas' NA: a text's or number's ways to be absent."""
    return value is None or (not isinstance(value, str) and str(value) in ("nan", "<NA>"))


def _impute(estimator: SimpleImputer, columns: Columns, walk: Walk) -> Columns:
    texts = [column.text for column in columns]
    if any(texts) and not all(texts):
        raise walk.failure("numbers and categories reach it together; give each an imputer of its own")
    mask = _mask(estimator, columns, walk, text=texts[0])
    statistics = estimator.statistics_
    # A column that was missing throughout has no statistic: it is dropped, or filled with a constant.
    kept = [i for i, value in enumerate(statistics) if estimator.keep_empty_features or not is_missing(value)]
    fills = [statistics[i] for i in kept]
    filled = (_filled_texts if texts[0] else _filled_numbers)([columns[i] for i in kept], fills, mask, kept, walk)
    return (*filled, *_indicators(estimator, columns, mask, walk))


def _mask(estimator: SimpleImputer, columns: Columns, walk: Walk, *, text: bool) -> str:
    """A tensor [N, columns]: where a value is missing."""
    graph, missing = walk.graph, estimator.missing_values
    tensor = graph.matrix(columns)
    if text:
        if missing == MISSING_TEXT:
            raise walk.failure(
                "it takes the empty text for a missing value; leave the cell empty (None or NaN) instead"
            )
        code = MISSING if is_missing(missing) else walk.vocabulary.code(str(missing))
        return graph.node("Equal", tensor, graph.constant(code, np.int64), width=len(columns))
    if is_missing(missing):
        return graph.node("IsNaN", tensor, width=len(columns))
    return graph.node("Equal", tensor, graph.constant(float(missing)), width=len(columns))


def _filled_numbers(columns: list[Column], fills: list[Any], mask: str, kept: list[int], walk: Walk) -> Columns:
    values: NDArray[np.float64] = np.array(fills, dtype=np.float64)
    return _where(columns, walk.graph.constant(values), mask, kept, walk)


def _filled_texts(columns: list[Column], fills: list[Any], mask: str, kept: list[int], walk: Walk) -> Columns:
    codes = [walk.vocabulary.code(None if is_missing(fill) else str(fill)) for fill in fills]
    closed = [
        Column(
            column.tensor,
            column.index,
            column.origin,
            text=True,
            closed=None if column.closed is None else frozenset((column.closed - {None}) | {str(fill)}),
        )
        for column, fill in zip(columns, fills, strict=True)
    ]
    return _where(closed, walk.graph.constant(codes, np.int64), mask, kept, walk)


def _where(columns: list[Column], fills: str, mask: str, kept: list[int], walk: Walk) -> Columns:
    if not columns:
        return ()
    chosen = walk.graph.matrix([column.moved(mask, position) for column, position in zip(columns, kept, strict=True)])
    return walk.graph.columns(walk.graph.node("Where", chosen, fills, walk.graph.matrix(columns)), columns)


def _indicators(estimator: SimpleImputer, columns: Columns, mask: str, walk: Walk) -> Columns:
    if estimator.indicator_ is None:
        return ()
    features = estimator.indicator_.features_.tolist()
    if not features:
        return ()
    marks = [Column(mask, position, columns[position].origin) for position in features]
    tensor = walk.graph.node("Cast", walk.graph.matrix(marks), to=TensorProto.DOUBLE)
    return walk.graph.columns(tensor, marks)


TRANSFORMERS: dict[type, Transformer] = {SimpleImputer: _impute}
