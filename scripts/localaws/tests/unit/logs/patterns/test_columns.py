"""Patterns for space-delimited messages, on the example event of AWS's documentation."""

import pytest

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns import compile_pattern
from localaws.logs.patterns.columns import compile_columns, split

EVENT = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    "pattern",
    [
        "[ip, server, username, timestamp, request, status_code, bytes > 1000]",
        "[ip, server, username, timestamp, request = *html*, status_code = 4*, bytes]",
        "[..., status_code = 4*, bytes]",
        "[ip, ..., bytes]",
        "[ip=127.0.0.1, ...]",
        "[...]",
        "[..., request=*.html*, status_code=4*,]",
        "[ip, , , , , , bytes]",
        "[..., status_code = 404, bytes]",
        "[..., request = %^GET.*1\\.0$%, status_code = 404 || status_code = 410, bytes]",
        "[ip, server!=Test && server!=Dev, ...]",
        "[ip, (server=Test || server=Prod) && server != Dev, ...]",
    ],
)
def test_a_pattern_that_holds_matches(pattern: str) -> None:
    assert compile_pattern(pattern)(EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        "[ip, server]",
        "[a, b, c, d, e, f, g, h]",
        "[a, b, c, d, ..., e, f, g, h]",
        "[..., bytes > 1534]",
        "[..., username > 1, b, c, d, e]",
        "[ip != 127.*, ...]",
        "[..., status_code = 4, bytes]",
    ],
)
def test_a_pattern_that_does_not_hold_does_not_match(pattern: str) -> None:
    assert not compile_pattern(pattern)(EVENT)


def test_the_fields_of_an_event_are_extracted_by_name_or_position() -> None:
    # The example of AWS's documentation.
    pattern = compile_columns("[..., request=*.html*, status_code=4*,]")
    assert pattern.extract(EVENT) == {
        "$1": "127.0.0.1",
        "$2": "Prod",
        "$3": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$request": "GET /index.html HTTP/1.0",
        "$status_code": "404",
        "$7": "1534",
    }
    assert pattern.names == {"request", "status_code"}


def test_text_in_quotes_or_brackets_is_one_field() -> None:
    fields = ["127.0.0.1", "Prod", "frank", "10/Oct/2000:13:25:15 -0700", "GET /index.html HTTP/1.0", "404", "1534"]
    assert split(EVENT) == fields
    assert split('a[b] "c\\"d" ""') == ["a[b]", 'c\\"d', ""]


@pytest.mark.parametrize(
    "pattern",
    [
        "[",
        "[]",
        "[a",
        "[a b]",
        "[a=]",
        "[a,...,...]",
        "[a=1 || b=2]",
        "[(a=1 && b=2)]",
        "[a>x]",
        "[a]b",
        "[=1]",
        "[a=1 &&]",
    ],
)
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(MalformedPattern):
        compile_pattern(pattern)
