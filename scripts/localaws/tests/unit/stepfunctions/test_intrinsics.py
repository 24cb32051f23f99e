"""Intrinsic functions, with the examples of their documentation."""

from __future__ import annotations

import re
from typing import Any

import pytest

from localaws_testing.state_machines import run_state


def value_of(call: str, value: Any = None) -> Any:
    """What an intrinsic function returns."""
    ran = run_state({"Type": "Pass", "Parameters": {"value.$": call}}, value)
    assert ran.error is None, ran.cause
    return ran.output["value"]


@pytest.mark.parametrize(
    ("call", "value", "expected"),
    [
        pytest.param("States.Array($.Id)", {"Id": 123456}, [123456], marks=pytest.mark.proves("States.Array")),
        pytest.param("States.Array()", {}, []),
        pytest.param("States.Array('a', 1, null, true, 1.5)", {}, ["a", 1, None, True, 1.5]),
        pytest.param(
            "States.ArrayPartition($.inputArray,4)",
            {"inputArray": [1, 2, 3, 4, 5, 6, 7, 8, 9]},
            [[1, 2, 3, 4], [5, 6, 7, 8], [9]],
            marks=pytest.mark.proves("States.ArrayPartition"),
        ),
        pytest.param(
            "States.ArrayContains($.inputArray, $.lookingFor)",
            {"inputArray": [1, 2, 3], "lookingFor": 3},
            True,
            marks=pytest.mark.proves("States.ArrayContains"),
        ),
        pytest.param("States.ArrayContains($.a, true)", {"a": [1]}, False),
        pytest.param("States.ArrayContains($.a, $.b)", {"a": [{"x": [1]}], "b": {"x": [True]}}, False),
        pytest.param("States.ArrayContains($.a, $.b)", {"a": [{"x": 1, "y": 2}], "b": {"y": 2, "x": 1}}, True),
        pytest.param("States.ArrayUnique($.a)", {"a": [[1], [True], [1]]}, [[1], [True]]),
        pytest.param("States.ArrayRange(1.5, 3.4, 1)", {}, [2, 3]),
        pytest.param("States.ArrayRange(5, 1, 1)", {}, []),
        pytest.param("States.ArrayLength(States.ArrayRange(1, 1000, 1))", {}, 1000),
        pytest.param("States.ArrayLength(States.ArrayRange(1000, 1, -1))", {}, 1000),
        # The nearest integer; of two, the greater one.
        pytest.param("States.MathAdd(2.5, 0)", {}, 3),
        pytest.param("States.MathAdd(3.5, 0.4)", {}, 4),
        pytest.param("States.MathAdd(-2.5, 0)", {}, -2),
        pytest.param("States.MathAdd($.a, 0)", {"a": 10**17 + 1}, 10**17 + 1),
        pytest.param("States.ArrayRange(1, 9, 2)", {}, [1, 3, 5, 7, 9], marks=pytest.mark.proves("States.ArrayRange")),
        pytest.param("States.ArrayRange(3, 0, -1)", {}, [3, 2, 1, 0]),
        pytest.param(
            "States.ArrayGetItem($.inputArray, $.index)",
            {"inputArray": [1, 2, 3, 4], "index": 3},
            4,
            marks=pytest.mark.proves("States.ArrayGetItem"),
        ),
        pytest.param("States.ArrayLength($.a)", {"a": [1, 2, 3]}, 3, marks=pytest.mark.proves("States.ArrayLength")),
        pytest.param(
            "States.ArrayUnique($.a)",
            {"a": [1, 2, 3, 3, 3, 4]},
            [1, 2, 3, 4],
            marks=pytest.mark.proves("States.ArrayUnique"),
        ),
        pytest.param(
            "States.Base64Encode($.input)",
            {"input": "Data to encode"},
            "RGF0YSB0byBlbmNvZGU=",
            marks=pytest.mark.proves("States.Base64Encode"),
        ),
        pytest.param(
            "States.Base64Decode($.base64)",
            {"base64": "RGVjb2RlZCBkYXRh"},
            "Decoded data",
            marks=pytest.mark.proves("States.Base64Decode"),
        ),
        pytest.param(
            "States.Hash($.Data, $.Algorithm)",
            {"Data": "input data", "Algorithm": "SHA-1"},
            "aaff4a450a104cd177d28d18d74485e8cae074b7",
            marks=pytest.mark.proves("States.Hash"),
        ),
        pytest.param(
            "States.JsonMerge($.json1, $.json2, false)",
            {"json1": {"a": {"a1": 1, "a2": 2}, "b": 2}, "json2": {"a": {"a3": 1, "a4": 2}, "c": 3}},
            {"a": {"a3": 1, "a4": 2}, "b": 2, "c": 3},
            marks=pytest.mark.proves("States.JsonMerge"),
        ),
        pytest.param(
            "States.StringToJson($.escaped)",
            {"escaped": '{"foo": "bar"}'},
            {"foo": "bar"},
            marks=pytest.mark.proves("States.StringToJson"),
        ),
        pytest.param(
            "States.JsonToString($.unescaped)",
            {"unescaped": {"foo": "bar", "n": [1]}},
            '{"foo":"bar","n":[1]}',
            marks=pytest.mark.proves("States.JsonToString"),
        ),
        pytest.param(
            "States.MathAdd($.value1, $.step)",
            {"value1": 111, "step": -1},
            110,
            marks=pytest.mark.proves("States.MathAdd"),
        ),
        pytest.param(
            "States.StringSplit($.inputString, $.splitter)",
            {"inputString": "This.is+a,test=string", "splitter": ".+,="},
            ["This", "is", "a", "test", "string"],
            marks=pytest.mark.proves("States.StringSplit"),
        ),
        pytest.param(
            "States.Format('Hello, my name is {}.', $.name)",
            {"name": "Arnav"},
            "Hello, my name is Arnav.",
            marks=pytest.mark.proves("States.Format"),
        ),
        pytest.param("States.Format($.template, $.name)", {"template": "Hi {}", "name": "x"}, "Hi x"),
        pytest.param(r"States.Format('\'{}\' \{\} \\', 1)", {}, r"'1' {} " + "\\"),
        pytest.param("States.Format('{} {}', $.a, $.b)", {"a": [1, "x"], "b": None}, '[1,"x"] null'),
        pytest.param(
            "States.ArrayLength(States.StringSplit(States.Format('{},b', $.a), ','))",
            {"a": "a"},
            2,
            marks=pytest.mark.proves("intrinsic nesting"),
        ),
    ],
)
def test_a_function_returns_what_its_documentation_says(call: str, value: Any, expected: Any) -> None:
    assert value_of(call, value) == expected


@pytest.mark.proves("States.MathRandom")
def test_a_random_number_is_between_its_bounds_and_follows_from_its_seed() -> None:
    assert value_of("States.MathRandom(1, 3)") in (1, 2)
    assert value_of("States.MathRandom(1, 1000000, 7)") == value_of("States.MathRandom(1, 1000000, 7)")


@pytest.mark.proves("States.UUID")
def test_a_uuid_is_of_version_4() -> None:
    found = value_of("States.UUID()")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", found)


@pytest.mark.proves("intrinsic failures")
@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayGetItem($.a, 5)",
        "States.ArrayLength('text')",
        "States.ArrayPartition($.a, 0)",
        "States.ArrayRange(1, 2000, 1)",
        "States.Base64Decode('***')",
        "States.Format('{} {}', 1)",
        "States.Hash('x', 'CRC')",
        "States.JsonMerge($.o, $.o, true)",
        "States.MathAdd('1', 2)",
        "States.StringToJson('{')",
        "States.StringToJson('NaN')",
        "States.StringToJson('1e999')",
        "States.MathAdd(null, 1)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayRange(1001, 1, -1)",
        "States.ArrayRange(0, $.huge, 1)",
        "States.Array($.missing[*])",
        "States.Array($.missing)",
    ],
)
def test_invalid_arguments_fail_the_state_and_can_be_caught(call: str) -> None:
    ran = run_state({"Type": "Pass", "Parameters": {"value.$": call}}, {"a": [1], "o": {}, "huge": 10**25})
    assert ran.error == "States.IntrinsicFailure"
    assert call.partition("(")[0] in ran.cause
