"""EventBridge's patterns, case by case from its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.events.pattern import PatternError, compile_pattern

EVENT = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "resources": ["arn:one", "arn:two"],
    "detail": {
        "bucket": {"name": "data"},
        "object": {"key": "in/2026/a.CSV", "size": 12},
        "ip": "10.0.3.4",
        "flag": True,
        "nothing": None,
        "empty": "",
        "items": [{"kind": "a"}, {"kind": "b"}],
        "none": [],
    },
}


def detail(**fields: Any) -> dict[str, Any]:
    return {"detail": fields}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({"source": ["aws.s3"]}, True),
        ({"source": ["aws.ec2", "aws.s3"]}, True),
        ({"source": ["aws.ec2"]}, False),
        ({"source": ["aws.s3"], "detail-type": ["Other"]}, False),
        ({"resources": ["arn:two"]}, True),
        ({"resources": ["arn:three"]}, False),
        ({"nowhere": ["x"]}, False),
        (detail(bucket={"name": ["data"]}), True),
        (detail(flag=[True]), True),
        (detail(flag=[1]), False),
        (detail(nothing=[None]), True),
        (detail(empty=[""]), True),
        (detail(object={"size": [12]}), True),
        (detail(object={"size": ["12"]}), False),
        (detail(object={"key": [{"prefix": "in/"}]}), True),
        (detail(object={"key": [{"prefix": "out/"}]}), False),
        (detail(object={"key": [{"prefix": {"equals-ignore-case": "IN/"}}]}), True),
        (detail(object={"key": [{"suffix": ".csv"}]}), False),
        (detail(object={"key": [{"suffix": {"equals-ignore-case": ".csv"}}]}), True),
        (detail(object={"key": [{"equals-ignore-case": "IN/2026/A.csv"}]}), True),
        (detail(object={"key": [{"wildcard": "in/*.CSV"}]}), True),
        (detail(object={"key": [{"wildcard": "in/*/a.*"}]}), True),
        (detail(object={"key": [{"wildcard": "in/*.csv"}]}), False),
        (detail(object={"key": [{"wildcard": "in/\\*.CSV"}]}), False),
        (detail(bucket={"name": [{"anything-but": "data"}]}), False),
        (detail(bucket={"name": [{"anything-but": ["x", "y"]}]}), True),
        (detail(bucket={"name": [{"anything-but": {"prefix": "da"}}]}), False),
        (detail(bucket={"name": [{"anything-but": {"suffix": ["x", "y"]}}]}), True),
        (detail(bucket={"name": [{"anything-but": {"wildcard": "d*a"}}]}), False),
        (detail(missing=[{"anything-but": "x"}]), False),
        (detail(object={"size": [{"numeric": [">", 10]}]}), True),
        (detail(object={"size": [{"numeric": [">", 0, "<", 12]}]}), False),
        (detail(object={"size": [{"numeric": ["=", 12]}]}), True),
        (detail(object={"key": [{"numeric": [">", 0]}]}), False),
        (detail(flag=[{"numeric": ["=", 1]}]), False),
        (detail(missing=[{"exists": False}]), True),
        (detail(bucket={"name": [{"exists": True}]}), True),
        (detail(bucket={"name": [{"exists": False}]}), False),
        (detail(none=[{"exists": False}]), True),
        (detail(ip=[{"cidr": "10.0.0.0/16"}]), True),
        (detail(ip=[{"cidr": "10.1.0.0/16"}]), False),
        (detail(empty=[{"cidr": "10.1.0.0/16"}]), False),
        (detail(items={"kind": ["b"]}), True),
        (detail(items={"kind": ["c"]}), False),
        ({"$or": [{"source": ["x"]}, {"detail": {"flag": [True]}}]}, True),
        ({"source": ["aws.s3"], "$or": [{"source": ["x"]}, {"source": ["y"]}]}, False),
        (detail(**{"$or": [{"ip": ["x"]}, {"object": {"size": [{"numeric": ["<", 20]}]}}]}), True),
    ],
)
def test_a_pattern_matches_as_documented(pattern: dict[str, Any], matches: bool) -> None:
    assert compile_pattern(pattern)(EVENT) is matches


PEOPLE = [[{"first": "John", "last": "Doe"}, {"first": "Anna", "last": "Smith"}], [{"first": "Peter", "last": "Jones"}]]


@pytest.mark.proves("events flat fields")
@pytest.mark.parametrize(
    ("pattern", "event", "matches"),
    [
        ({"a.b": ["x"]}, {"a": {"b": "x"}}, True),
        ({"a": {"b": ["x"]}}, {"a.b": "x"}, True),
        ({"a": {"b.c": ["x"]}}, {"a.b": {"c": "x"}}, True),
        ({"a.b": ["y"]}, {"a.b": "x", "a": {"b": "y"}}, True),
        ({"a": {"b": ["x"]}}, {"a": "x"}, False),
        ({"a": ["x"]}, {"a": {"b": "x"}}, False),
        # Arrays are transparent, at every depth.
        ({"tags": ["b"]}, {"tags": [["a"], ["b", "c"]]}, True),
        ({"people": {"first": ["Anna"]}}, {"people": PEOPLE}, True),
        ({"people": {"first": ["Anna"], "last": ["Smith"]}}, {"people": PEOPLE}, True),
        ({"people": {"first": ["Anna"], "last": ["Doe"]}}, {"people": PEOPLE}, False),
        ({"people": {"first": ["Anna"], "last": ["Jones"]}}, {"people": PEOPLE}, False),
        # Fields of different arrays are independent; those of one array belong to the same element, however deep.
        ({"a": {"x": [1]}, "b": {"y": [2]}}, {"a": [{"x": 1}, {"x": 2}], "b": [{"y": 1}, {"y": 2}]}, True),
        ({"a": {"x": [1], "in": {"y": [2]}}}, {"a": [{"x": 1, "in": [{"y": 1}]}, {"x": 2, "in": [{"y": 2}]}]}, False),
        ({"a": {"x": [2], "in": {"y": [2]}}}, {"a": [{"x": 1, "in": [{"y": 1}]}, {"x": 2, "in": [{"y": 2}]}]}, True),
        # The second element that has x is the one that fits.
        ({"a": {"x": [1], "y": [2]}}, {"a": [{"x": 1, "y": 1}, {"x": 1, "y": 2}]}, True),
        # exists looks at leaves of the whole event.
        ({"c": [{"exists": False}]}, {"c": {"d": 1}}, True),
        ({"c": [{"exists": True}]}, {"c": {"d": 1}}, False),
        ({"c": [{"exists": True}]}, {"c": None}, True),
        ({"c": [{"exists": True}]}, {"c": []}, False),
        ({"c": [{"exists": False}]}, {"c": {}}, True),
        ({"c": {"d": [{"exists": False}]}}, {"c": [{"d": 1}, {"e": 1}]}, False),
        ({"c": [{"exists": False}, "x"]}, {"c": "x"}, True),
        # anything-but wants a value, of any kind.
        ({"f": [{"anything-but": ["x"]}]}, {"f": None}, True),
        ({"f": [{"anything-but": ["x"]}]}, {"f": True}, True),
        ({"f": [{"anything-but": ["x"]}]}, {"f": ["x", "y"]}, True),
        ({"f": [{"anything-but": ["x"]}]}, {"f": ["x"]}, False),
        ({"f": [{"anything-but": ["x"]}]}, {"f": {"g": 1}}, False),
        # $or takes the fields beside it with it, and may be nested.
        ({"a": [1], "$or": [{"b": [1]}, {"c": {"d": [{"prefix": "x"}]}}]}, {"a": 1, "c": {"d": "xy"}}, True),
        ({"a": [1], "$or": [{"b": [1]}, {"c": [1]}]}, {"a": 1, "b": 2}, False),
        ({"$or": [{"a": [1]}, {"$or": [{"b": [1]}, {"c": [1]}], "d": [1]}]}, {"c": 1, "d": 1}, True),
        ({"p": {"$or": [{"x": [1]}, {"y": [2]}], "z": [3]}}, {"p": [{"y": 2, "z": 4}, {"x": 9, "z": 3}]}, False),
    ],
)
def test_fields_are_compared_flat_as_in_event_ruler(pattern: Any, event: Any, matches: bool) -> None:
    assert compile_pattern(pattern)(event) is matches


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ({}, "non-empty object"),
        ({"source": []}, "source"),
        ({"source": "aws.s3"}, "source"),
        ({"source": [["nested"]]}, "source"),
        ({"source": [{"sounds-like": "x"}]}, "sounds-like"),
        ({"source": [{"prefix": 3}]}, "prefix"),
        ({"source": [{"prefix": "a", "suffix": "b"}]}, "2 operators"),
        ({"source": [{"prefix": {"wildcard": "a"}}]}, "equals-ignore-case"),
        ({"source": [{"wildcard": "a**b"}]}, "consecutive"),
        ({"source": [{"wildcard": "a\\b"}]}, "escapes"),
        ({"source": [{"numeric": ["~", 1]}]}, "'~'"),
        ({"source": [{"numeric": [">"]}]}, "numeric"),
        ({"source": [{"numeric": ["<", 5, ">", 10]}]}, "begin with > or >="),
        ({"source": [{"numeric": ["<", 10, ">", 5]}]}, "begin with > or >="),
        ({"source": [{"numeric": [">", 5, ">=", 10]}]}, "end with < or <="),
        ({"source": [{"numeric": ["=", 5, "<", 10]}]}, "begin with > or >="),
        ({"source": [{"numeric": [">", 10, "<", 5]}]}, "bottom isn't less than its top"),
        ({"source": [{"numeric": [">=", 5, "<=", 5]}]}, "bottom isn't less than its top"),
        ({"source": [{"exists": "yes"}]}, "exists"),
        ({"source": [{"cidr": "nonsense"}]}, "nonsense"),
        ({"source": [{"anything-but": {"numeric": [">", 1]}}]}, "anything-but"),
        ({"source": [{"anything-but": ["a", 1]}]}, "strings only, or numbers only"),
        ({"source": [{"anything-but": [True]}]}, "strings only, or numbers only"),
        ({"source": [{"anything-but": []}]}, "strings only, or numbers only"),
        ({name: {"$or": [{"a": [1]}, {"b": [1]}]} for name in "abcdefghij"}, "1000 combinations"),
        ({"$or": [{"source": ["x"]}]}, r"\$or"),
    ],
)
def test_an_invalid_pattern_is_named(pattern: dict[str, Any], names: str) -> None:
    with pytest.raises(PatternError, match=names):
        compile_pattern(pattern)
