"""JSONPath: what paths select, and where results are put."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.stepfunctions.language.paths import PathError, parse_path

STORE = {
    "book": [
        {"category": "reference", "author": "Nigel Rees", "price": 8.95},
        {"category": "fiction", "author": "Evelyn Waugh", "price": 12.99},
        {"category": "fiction", "author": "Herman Melville", "price": 8.99, "isbn": "0-553-21311-3"},
    ],
    "bicycle": {"color": "red", "price": 19.95},
    "a-b c": 1,
}


@pytest.mark.proves("states reference paths")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", STORE),
        ("$.bicycle.color", "red"),
        ("$['bicycle']['color']", "red"),
        ("$['a-b c']", 1),
        ("$.book[0].author", "Nigel Rees"),
        ("$.book[-1].author", "Herman Melville"),
    ],
)
def test_a_reference_path_selects_one_value(path: str, expected: Any) -> None:
    parsed = parse_path(path)
    assert parsed.is_reference
    assert parsed.read(STORE) == expected


@pytest.mark.proves("states jsonpath queries")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.book[*].price", [8.95, 12.99, 8.99]),
        ("$..color", ["red"]),
        ("$..price", [8.95, 12.99, 8.99, 19.95]),
        ("$.book[0,1].price", [8.95, 12.99]),
        ("$.book[1:].price", [12.99, 8.99]),
        ("$.book[:2].price", [8.95, 12.99]),
        ("$.book[-2:].price", [12.99, 8.99]),
        ("$.book[::2].price", [8.95, 8.99]),
        ("$.bicycle.*", ["red", 19.95]),
        ("$.bicycle['color','price']", ["red", 19.95]),
        ("$.book[?(@.isbn)].author", ["Herman Melville"]),
        ("$.book[?(!@.isbn)].price", [8.95, 12.99]),
        ("$.book[?(@.price < 10)].price", [8.95, 8.99]),
        ("$.book[?(@.price >= 8.99 && @.category == 'fiction')].price", [12.99, 8.99]),
        ("$.book[?(@.price > 12 || @.category != 'fiction')].price", [8.95, 12.99]),
        ("$.book[?(@.category in ['reference', 'other'])].price", [8.95]),
        ("$.book[?(@.price > 100)]", []),
    ],
)
def test_other_paths_select_a_list(path: str, expected: Any) -> None:
    parsed = parse_path(path)
    assert not parsed.is_reference
    assert parsed.read(STORE) == expected


@pytest.mark.parametrize("path", ["$.none", "$.book[9]", "$.book.author", "$.bicycle[0]"])
def test_a_reference_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(PathError, match="could not be found"):
        parse_path(path).read(STORE)


@pytest.mark.proves("states jsonpath queries")
@pytest.mark.parametrize(
    "path",
    [
        "$.none[*]",
        "$.none[*].price",
        "$.bicycle.none[?(@.a)]",
        "$.bicycle.color.none[*]",
        "$.bicycle[0][*]",
        "$.bicycle[0:1]",
        "$.bicycle[0,1]",
        "$.book['a','b']",
        "$.bicycle.color[?(@.a)]",
    ],
)
def test_a_query_below_something_that_is_not_there_is_an_error(path: str) -> None:
    with pytest.raises(PathError, match="could not be found"):
        parse_path(path).read(STORE)


@pytest.mark.proves("states jsonpath queries")
@pytest.mark.parametrize(
    "path", ["$.book[9][*]", "$.book[9].price[*]", "$.book[5:7]", "$.bicycle.color[*]", "$.book[*].none", "$..none"]
)
def test_a_query_that_finds_nothing_is_an_empty_list(path: str) -> None:
    assert parse_path(path).read(STORE) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a[?(@.x in [1])]", [{"x": 1}]),
        ("$.a[?(@.x nin [1])]", [{"x": True}, {"x": "1"}]),
        ("$.a[?(@.x in 5)]", []),
        ("$.a[?(@.x in '123')]", []),
    ],
)
def test_membership_in_a_list_is_of_equal_values(path: str, expected: Any) -> None:
    assert parse_path(path).read({"a": [{"x": 1}, {"x": True}, {"x": "1"}]}) == expected


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "'\\$' is missing"),
        ("book", "'\\$' is missing"),
        ("$.", "a name is missing"),
        ("$.a[", "an index or a name is missing"),
        ("$.a['b'", "']' is missing"),
        ("$.a b", "unexpected 'b'"),
        ("$.a.length()", "the function length\\(\\) isn't supported"),
        ("$.a[?(@.b =~ /x/)]", "the operator =~ isn't supported"),
    ],
)
def test_an_invalid_path_is_refused_with_the_reason(path: str, reason: str) -> None:
    with pytest.raises(PathError, match=reason):
        parse_path(path)


@pytest.mark.proves("states result path")
@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("$", {"a": 1}, "new"),
        ("$.b", {"a": 1}, {"a": 1, "b": "new"}),
        ("$.a.b.c", {"a": {"x": 1}}, {"a": {"x": 1, "b": {"c": "new"}}}),
        ("$.a[1]", {"a": [1, 2]}, {"a": [1, "new"]}),
        ("$.a", None, {"a": "new"}),
    ],
)
def test_a_value_is_put_at_a_path_of_a_copy(path: str, value: Any, expected: Any) -> None:
    before = repr(value)
    assert parse_path(path).write(value, "new") == expected
    assert repr(value) == before


@pytest.mark.parametrize(("path", "value"), [("$.a.b", {"a": 1}), ("$.a[2]", {"a": [1]}), ("$.a", [1])])
def test_a_value_that_cannot_be_put_is_an_error(path: str, value: Any) -> None:
    with pytest.raises(PathError, match="Unable to apply"):
        parse_path(path).write(value, "new")
