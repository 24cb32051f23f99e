"""Java's patterns of dates and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from localaws.firehose.errors import InvalidDestination
from localaws.firehose.timestamps import compile_timestamp

MOMENT = datetime(2018, 8, 7, 9, 5, 3, 42_000, UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy/MM/dd/HH", "2018/08/07/09"),
        ("yy-M-d H:m:s", "18-8-7 9:5:3"),
        ("yyyy-MM-dd-HH-mm-ss-SSS", "2018-08-07-09-05-03-042"),
        ("uuuuDDD", "2018219"),
        ("'year='yyyy'/month='MM", "year=2018/month=08"),
        ("yyyy''MM", "2018'08"),
        ("'it''s' yyyy", "it's 2018"),
        ("", ""),
    ],
)
def test_a_pattern_formats_a_time(pattern: str, text: str) -> None:
    assert compile_timestamp(pattern)(MOMENT) == text


@pytest.mark.parametrize(("pattern", "reason"), [("EEE", "not of EEE"), ("YYYY", "not of YYYY"), ("yyyy'x", "quote")])
def test_other_letters_and_open_quotes_are_refused(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidDestination, match=reason):
        compile_timestamp(pattern)
