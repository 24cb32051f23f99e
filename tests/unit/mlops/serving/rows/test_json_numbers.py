"""A large body is the same document: simdjson's reading of it is pydantic's, or there is none."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from mlops.serving.rows.json_numbers import EACH, LARGE, read_json

PLACES = (("data",), ("frame", "data"), ("inputs", EACH, "data"))
PAD = " " * LARGE  # what makes a small document a large body

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9)
leaves = numbers | st.text() | st.booleans() | st.none()
anything = st.recursive(leaves, lambda deeper: st.lists(deeper) | st.dictionaries(st.text(), deeper), max_leaves=12)
tables = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(numbers, min_size=width, max_size=width)))
data = st.lists(numbers) | tables | anything
documents = anything | st.fixed_dictionaries(
    {"data": data, "frame": st.fixed_dictionaries({"data": data, "other": anything}), "inputs": st.lists(anything)}
    | {"inputs": st.lists(st.fixed_dictionaries({"data": data, "name": st.text()}))}
)


def plain(document: Any) -> Any:
    """The document without arrays of NumPy, and each number as a double: an array of them has one type."""
    if isinstance(document, dict):
        return {name: plain(value) for name, value in document.items()}
    if isinstance(document, list | np.ndarray):
        return [plain(value) for value in document]
    is_number = isinstance(document, int | float | np.number) and not isinstance(document, bool)
    return float(document) if is_number else document


@given(documents, st.sampled_from([None, 1]))
def test_any_document_is_read_as_the_other_parser_reads_it(document: Any, indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    assert plain(read_json((text + PAD).encode(), PLACES)) == plain(from_json(text))


@pytest.mark.parametrize(
    ("text", "kind", "shape"),
    [
        ("[1, -2, 9223372036854775807]", "int64", (3,)),
        ("[1, 18446744073709551615]", "uint64", (2,)),
        ("[1, 2.5, 1e3]", "float64", (3,)),
        ("[[1, 2], [3, 4], [5, 6]]", "int64", (3, 2)),
        ("[[0.1, 2]]", "float64", (1, 2)),
    ],
)
def test_numbers_at_a_place_become_an_array_of_their_type(text: str, kind: str, shape: tuple[int, ...]) -> None:
    for body, where in (('{"data": %s}', ("data",)), ('{"inputs": [{"data": %s}]}', ("inputs", 0, "data"))):
        found: Any = read_json((body % text + PAD).encode(), PLACES)
        for step in where:
            found = found[step]
        assert isinstance(found, np.ndarray)
        assert (found.dtype, found.shape, found.tolist()) == (kind, shape, json.loads(text))


ORDINARY = {
    "another place": '{"rows": [1, 2]}',
    "a missing value": '{"data": [1, null]}',
    "a truth value": '{"data": [1, true]}',
    "text": '{"data": [1, "2"]}',
    "rows of several lengths": '{"data": [[1, 2], [3]]}',
    "a row among numbers": '{"data": [1, [2]]}',
    "a number among rows": '{"data": [[1], 2]}',
    "numbers too deep": '{"data": [[[1], 2], [3, 4]]}',
    "rows of nothing": '{"data": [[], []]}',
    "a number of more than 64 bits": '{"data": [1, 123456789012345678901234567890]}',
    "a number that isn't JSON's": '{"data": [1, NaN]}',
    "a name that stands twice": '{"data": [1], "data": [2]}',
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_what_isnt_plainly_numbers_is_left_to_the_other_parser(kind: str) -> None:
    text = ORDINARY[kind]
    found = read_json((text + PAD).encode(), PLACES)
    assert not any(isinstance(value, np.ndarray) for value in found.values())
    assert repr(found) == repr(from_json(text))


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"data": [1,]}', b"\xef\xbb\xbf{}", b'{"a": "\xff"}', b'{"data": [01]}', b""],
    ids=["cut off", "a trailing comma", "a byte order mark", "not UTF-8", "a leading zero", "empty"],
)
def test_what_isnt_json_is_refused_with_the_other_parsers_reason(body: bytes) -> None:
    with pytest.raises(ValueError) as expected:
        from_json(body + PAD.encode())
    with pytest.raises(ValueError) as found:
        read_json(body + PAD.encode(), PLACES)
    assert str(found.value) == str(expected.value)
