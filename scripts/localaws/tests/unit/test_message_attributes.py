"""The attributes of messages."""

from __future__ import annotations

import pytest

from localaws.message_attributes import array_problem, problem


@pytest.mark.proves("message attributes")
@pytest.mark.parametrize(
    ("name", "data_type", "value"),
    [
        ("", "String", "v"),
        (".a", "String", "v"),
        ("a.", "String", "v"),
        ("a..b", "String", "v"),
        ("a b", "String", "v"),
        ("n" * 257, "String", "v"),
        ("AWS.x", "String", "v"),
        ("amazon.x", "String", "v"),
        ("a", "Text", "v"),
        ("a", None, "v"),
        ("a", "String", ""),
        ("a", "String", None),
        ("a", "Binary", b""),
        ("a", "Number", "abc"),
        ("a", "Number.int", "1 2"),
    ],
)
def test_what_isnt_an_attribute_has_a_problem(name: str, data_type: str | None, value: str | bytes | None) -> None:
    assert problem(name, data_type, value)


@pytest.mark.parametrize(
    ("name", "data_type", "value"),
    [
        ("a.b-c_1", "String.mine", "v"),
        ("n" * 256, "Binary.gif", b"\x00"),
        ("n", "Number", "-1.5e3"),
        ("AWSTrace", "String", "v"),
    ],
)
def test_an_attribute_has_none(name: str, data_type: str, value: str | bytes) -> None:
    assert problem(name, data_type, value) is None


@pytest.mark.parametrize("value", ["text", "{}", "1"])
def test_an_array_is_json(value: str) -> None:
    assert array_problem("a", value)
    assert array_problem("a", f"[{value}]" if value != "text" else "[]") is None
