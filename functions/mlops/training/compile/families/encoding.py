"""Encoders of categories, on texts and on numbers: OneHotEncoder, OrdinalEncoder and TargetEncoder."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from mlops.artifact.inputs import MISSING_TEXT
from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.families.imputing import is_missing
from mlops.training.compile.graph import ML
from mlops.training.compile.walk import Transformer, Walk


def _one_hot(estimator: OneHotEncoder, columns: Columns, walk: Walk) -> Columns:
    _check(estimator, columns, walk)
    dropped = [None] * len(columns) if estimator.drop_idx_ is None else estimator.drop_idx_.tolist()
    groups = _groups(estimator, len(columns))
    pairs = [
        (column, category)
        for column, categories, skip, group in zip(columns, estimator.categories_, dropped, groups, strict=True)
        for position, category in enumerate(categories if group is None else ())
        if position != skip
    ]
    # Texts and numbers are compared separately, and are put into the encoder's order afterwards.
    texts = iter(_equal([pair for pair in pairs if pair[0].text], walk, text=True))
    numbers = iter(_equal([pair for pair in pairs if not pair[0].text], walk, text=False))
    encoded: list[Column] = []
    for index, column in enumerate(columns):
        if groups[index] is None:
            own = texts if column.text else numbers
            count = len(estimator.categories_[index]) - (dropped[index] is not None)
            encoded += [next(own) for _ in range(count)]
        else:
            encoded += _grouped(estimator, index, column, walk)
    return tuple(encoded)


def _groups(estimator: OneHotEncoder | OrdinalEncoder, count: int) -> Sequence[Any]:
    """For each column, what each category's code is where infrequent ones share one; None where all have their own."""
    return getattr(estimator, "_default_to_infrequent_mappings", None) or [None] * count


def _grouped(estimator: OneHotEncoder, index: int, column: Column, walk: Walk) -> Columns:
    """One column for each frequent category, and one for all infrequent ones together."""
    mapping = _groups(estimator, index + 1)[index]
    ordinals = _ordinals(estimator.categories_[index], mapping=mapping)
    shares = estimator.handle_unknown in ("infrequent_if_exist", "warn")
    code = _codes(column, ordinals, float(mapping.max()) if shares else -1.0, walk)
    after = getattr(estimator, "_drop_idx_after_grouping", None)
    skip = None if after is None else after[index]
    kept = [float(group) for group in range(int(mapping.max()) + 1) if group != skip]
    same = walk.graph.node("Equal", walk.graph.matrix([code]), walk.graph.constant([kept]))
    result = walk.graph.node("Cast", same, to=TensorProto.DOUBLE)
    return walk.graph.columns(result, [Column(result, 0, column.origin)] * len(kept))


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
    groups = _groups(estimator, len(columns))
    return tuple(
        _codes(column, _ordinals(categories, estimator.encoded_missing_value, group), unknown, walk)
        for column, categories, group in zip(columns, estimator.categories_, groups, strict=True)
    )


def _ordinals(categories: Sequence[Any], missing: float | None = None, mapping: Any = None) -> dict[Any, float]:
    """Category → its code, or its group's; the missing one is None, and has the code `missing` if that is given.

    Where a missing one keeps out of the groups, it stands last and has none in `mapping`.
    """
    codes = [*(range(len(categories)) if mapping is None else mapping.tolist()), np.nan]
    return {
        None if is_missing(category) else category: (
            missing if is_missing(category) and missing is not None else float(code)
        )
        for category, code in zip(categories, codes, strict=False)
    }


def _codes(column: Column, values: dict[Any, float], unknown: float, walk: Walk) -> Column:
    """The number of each category of a column, and that of those which aren't among them."""
    return (_text_codes if column.text else _number_codes)(column, values, unknown, walk)


def _target(estimator: TargetEncoder, columns: Columns, walk: Walk) -> Columns:
    check_categories(estimator.categories_, columns, walk)
    classes = len(estimator.classes_) if estimator.target_type_ == "multiclass" else 1
    means = np.broadcast_to(np.atleast_1d(estimator.target_mean_), classes).tolist()
    encoded = []
    for index, (column, categories) in enumerate(zip(columns, estimator.categories_, strict=True)):
        names = [None if is_missing(category) else category for category in categories]
        for place, mean in enumerate(means):
            values = estimator.encodings_[index * classes + place].tolist()
            encoded.append(_codes(column, dict(zip(names, values, strict=True)), mean, walk))
    return tuple(encoded)


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
    check_categories(estimator.categories_, columns, walk)
    for column, categories in zip(columns, estimator.categories_, strict=True):
        known = {None if is_missing(category) else category for category in categories}
        if estimator.handle_unknown == "error" and (column.closed is None or not column.closed <= known):
            remedy = "ignore" if isinstance(estimator, OneHotEncoder) else "use_encoded_value"
            raise walk.failure(
                "it raises at a category it doesn't know, where the compiled model would answer; "
                f"set handle_unknown={remedy!r}, or name the column's categories in the contract"
            )


def check_categories(known: Sequence[Any], columns: Columns, walk: Walk) -> None:
    """Refuse categories that the compiled model's inputs can't distinguish."""
    for column, categories in zip(columns, known, strict=True):
        if column.text and MISSING_TEXT in categories:
            raise walk.failure("the empty text is one of its categories; leave the cell empty (None or NaN) instead")
        if sum(map(is_missing, categories)) > 1:
            raise walk.failure("both None and NaN are among its categories; write missing values in one way")


TRANSFORMERS: dict[type, Transformer] = {OneHotEncoder: _one_hot, OrdinalEncoder: ordinal, TargetEncoder: _target}
