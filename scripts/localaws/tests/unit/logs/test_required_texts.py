"""The texts by which messages are found without being parsed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.logs.insights.events import Event
from localaws.logs.insights.parser import parse
from localaws.logs.insights.query import run_query
from localaws.logs.insights.required import required_texts as of_query
from localaws.logs.patterns import compile_pattern
from localaws.logs.patterns import required_texts as of_pattern

ESCAPE = b"\\u00"


def may_match(message: str, texts: tuple[bytes, ...]) -> bool:
    encoded = message.encode()
    return all(text in encoded for text in texts) or ESCAPE in encoded


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("", ()),
        ("ERROR timeout -debug", (b"ERROR", b"timeout")),
        ("?a1 ?b1", ()),
        ("%abc%", ()),
        ('"a \\"quoted\\" text/path"', (b"quoted",)),
        ("[ip, user, ..., status = 404]", ()),
        ('{ $.id = "abc-1" }', (b"abc-1",)),
        ("{ $.level = ERROR && $.latency > 3 }", (b"ERROR",)),
        ('{ $.level != ERROR && $.id = "abc*def" }', (b"abc", b"def")),
        ('{ ($.a = "abc") || ($.b = "def") }', ()),
        ("{ $.n = 12 }", ()),
        ('{ $.n = "12*" }', ()),
        ("{ $.id = %abc% }", ()),
    ],
)
def test_the_texts_of_a_pattern(pattern: str, texts: tuple[bytes, ...]) -> None:
    assert of_pattern(pattern) == texts


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("filter id = 'abc-1'", (b"abc-1",)),
        ("filter 'abc-1' = id and a.b = 'xyz'", (b"abc-1", b"xyz")),
        ("filter @message like 'abc' | filter level = 'INFO'", (b"abc", b"INFO")),
        ("filter id = 'abc' or id = 'def'", ()),
        ("filter not (id = 'abc')", ()),
        ("filter id != 'abc'", ()),
        ("filter id = 12", ()),
        ("filter id = '12'", ()),
        ("filter @logStream = 'abc'", ()),
        ("filter @log like 'abc'", ()),
        ("fields concat(a, b) as id | filter id = 'abc'", ()),
        ("fields jsonParse(a) as id | filter id.x = 'abc'", ()),
        ("fields a as id | filter id = 'abc'", ()),
        ("fields a, id | sort a | filter id = 'abc'", (b"abc",)),
        ("parse @message '* *' as id, b | filter id = 'abc'", ()),
        ("stats count(*) as n by id | filter id = 'abc'", ()),
        ("filter id = 'é'", ()),
        ("filter id = 'a/bcd'", (b"bcd",)),
    ],
)
def test_the_texts_of_a_query(query: str, texts: tuple[bytes, ...]) -> None:
    assert of_query(parse(query)) == texts


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
LEAVES = st.one_of(TEXTS, st.integers(-3, 300), st.floats(allow_nan=False), st.booleans(), st.none())


@settings(max_examples=60, deadline=None)
@given(value=LEAVES, ascii_only=st.booleans())
def test_no_matching_message_lacks_the_texts(value: object, ascii_only: bool) -> None:
    message = json.dumps({"v": value}, ensure_ascii=ascii_only)
    shown = value if isinstance(value, str) else json.dumps(value)
    quoted = '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
    pattern, query = f"{{ $.v = {quoted} }}", f"filter v = {quoted}"
    event = Event(timestamp=1, message=message, stream="s", log="1:g", ingested=1, pointer="p")
    assert may_match(message, of_pattern(pattern)) or not compile_pattern(pattern)(message)
    assert may_match(message, of_query(parse(query))) or not run_query(query, [event], now=0).rows
