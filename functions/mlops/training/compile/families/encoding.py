"""Encoders of categories: OneHotEncoder and OrdinalEncoder, on texts and on numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from mlops.artifact.inputs import MISSING_TEXT
from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.families.imputing import is_missing
from mlops.training.compile.graph import ML
from mlops.training.compile.walk import Transformer, Walk


def _one_hot(estimator: OneHotEncoder, columns: Columns, walk: Walk) -> Columns:
    _check(estimator, columns, walk)
    dropped = [None] * len(columns) if estimator.drop_idx_ is None else estimator.drop_idx_.tolist()
    pairs = [
        (column, category)
        for column, categories, skip in zip(columns, estimator.categories_, dropped, strict=True)
        for position, category in enumerate(categories)
        if position != skip
    ]
    if not pairs:
        return ()
    # Texts and numbers are compared separately, and are put into the encoder's order afterwards.
    texts = iter(_equal([pair for pair in pairs if pair[0].text], walk, text=True))
    numbers = iter(_equal([pair for pair in pairs if not pair[0].text], walk, text=False))
    return tuple(next(texts) if column.text else next(numbers) for column, _ in pairs)


def _equal(pairs: Sequence[tuple[Column, Any]], walk: Walk, *, text: bool) -> Columns:
    """One column for each pair: 1 where the column has the category, else 0."""
    if not pairs:
        return ()
    graph = walk.graph
    tensor = graph.matrix([column for column, _ in pairs])
    categories = [None if is_missing(category) else category for _, category in pairs]
    if text:
        same = graph.node(
            "Equal", tensor, graph.constant([walk.vocabulary.code(each) for each in categories], np.int64)
        )
    else:
        values = np.array([np.nan if each is None else float(each) for each in categories])
        same = graph.node("Equal", tensor, graph.constant(values))
        if np.isnan(values).any():
            missing = graph.node("And", graph.node("IsNaN", tensor), graph.constant(np.isnan(values), np.bool_))
            same = graph.node("Or", same, missing)
    result = graph.node("Cast", same, to=TensorProto.DOUBLE)
    return graph.columns(result, [Column(result, index, column.origin) for index, (column, _) in enumerate(pairs)])


def ordinal(estimator: OrdinalEncoder, columns: Columns, walk: Walk) -> Columns:
    """The columns as an OrdinalEncoder's codes. Raises CompilationFailed where a graph can't do the same."""
    _check(estimator, columns, walk)
    unknown = estimator.unknown_value if estimator.handle_unknown == "use_encoded_value" else np.nan
    encoded = [
        _text_codes(column, _ordinals(categories, estimator.encoded_missing_value), unknown, walk)
        if column.text
        else _number_codes(column, _ordinals(categories, estimator.encoded_missing_value), unknown, walk)
        for column, categories in zip(columns, estimator.categories_, strict=True)
    ]
    return tuple(encoded)


def _ordinals(categories: Sequence[Any], missing: float) -> dict[Any, float]:
    """Category → its code; the missing one is None."""
    return {
        None if is_missing(category) else category: missing if is_missing(category) else float(position)
        for position, category in enumerate(categories)
    }


def _text_codes(column: Column, ordinals: dict[Any, float], unknown: float, walk: Walk) -> Column:
    codes = {walk.vocabulary.code(text): ordinal for text, ordinal in ordinals.items()}

    def table() -> NDArray[np.float64]:
        values = np.full(len(walk.vocabulary), unknown, dtype=np.float64)
        values[list(codes)] = list(codes.values())
        return values

    tensor = walk.graph.node("Gather", walk.graph.table(table), walk.graph.matrix([column]), axis=0, width=1)
    return Column(tensor, 0, column.origin)


def _number_codes(column: Column, ordinals: dict[Any, float], unknown: float, walk: Walk) -> Column:
    keys = [np.nan if number is None else float(number) for number in ordinals]
    codes = walk.graph.node(
        "LabelEncoder",
        walk.graph.matrix([column]),
        domain=ML,
        width=1,
        keys_tensor=numpy_helper.from_array(np.array(keys)),
        values_tensor=numpy_helper.from_array(np.array([*ordinals.values()], dtype=np.float64)),
        default_tensor=numpy_helper.from_array(np.array([unknown], dtype=np.float64)),
    )
    return Column(codes, 0, column.origin)


def _check(estimator: OneHotEncoder | OrdinalEncoder, columns: Columns, walk: Walk) -> None:
    """Refuse what the compiled model can't distinguish, and what raises where the compiled model would answer."""
    if any(indices is not None for indices in getattr(estimator, "_infrequent_indices", [])):
        raise walk.failure("it groups infrequent categories; leave min_frequency and max_categories out")
    for column, categories in zip(columns, estimator.categories_, strict=True):
        if column.text and MISSING_TEXT in categories:
            raise walk.failure("the empty text is one of its categories; leave the cell empty (None or NaN) instead")
        if sum(map(is_missing, categories)) > 1:
            raise walk.failure("both None and NaN are among its categories; write missing values in one way")
        known = {None if is_missing(category) else category for category in categories}
        if estimator.handle_unknown == "error" and (column.closed is None or not column.closed <= known):
            remedy = "ignore" if isinstance(estimator, OneHotEncoder) else "use_encoded_value"
            raise walk.failure(
                "it raises at a category it doesn't know, where the compiled model would answer; "
                f"set handle_unknown={remedy!r}, or name the column's categories in the contract"
            )


TRANSFORMERS: dict[type, Transformer] = {OneHotEncoder: _one_hot, OrdinalEncoder: ordinal}
