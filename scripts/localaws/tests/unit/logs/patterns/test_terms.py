"""Patterns for unstructured messages."""

import pytest

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns import compile_pattern

BAD, UNAUTHORIZED, OK = "[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST", "[SUCCESS 200] OK"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", [BAD, UNAUTHORIZED, OK]),
        ("  ", [BAD, UNAUTHORIZED, OK]),
        ("ERROR", [BAD, UNAUTHORIZED]),
        ("error", []),
        ("REQUEST ERROR", [BAD, UNAUTHORIZED]),
        ('"ERROR 401"', [UNAUTHORIZED]),
        ("?UNAUTHORIZED ?OK", [UNAUTHORIZED, OK]),
        ("ERROR -UNAUTHORIZED", [BAD]),
        ('-"ERROR 400" -OK', [UNAUTHORIZED]),
        ("%AUTHORIZED%", [UNAUTHORIZED]),
        (r"%^\[ERROR\s4\d+\]%", [BAD, UNAUTHORIZED]),
        ("%40[0-9]|OK$%", [BAD, UNAUTHORIZED, OK]),
    ],
)
def test_terms_match_exactly_their_messages(pattern: str, found: list[str]) -> None:
    matches = compile_pattern(pattern)
    assert [message for message in (BAD, UNAUTHORIZED, OK) if matches(message)] == found


def test_a_quote_in_a_phrase_is_escaped() -> None:
    assert compile_pattern(r'"say \"hi\""')('they say "hi" twice')
    assert not compile_pattern(r'"say \"hi\""')("they say hi twice")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.b", "Invalid character"),
        ("path/to", "'path/to'"),
        ('"open', "at character 1"),
        ("ERROR ?WARN", "combined"),
        ("?WARN -ERROR", "combined"),
        ("%(group)%", r"'\('"),
        ("%something!%", "'!'"),
        ("%a b%", r"\\s"),
        ("%[a%", "invalid"),
        ("ERROR %x%", "Invalid character"),
    ],
)
def test_malformed_terms_are_refused(pattern: str, expected: str) -> None:
    with pytest.raises(MalformedPattern, match=expected):
        compile_pattern(pattern)
