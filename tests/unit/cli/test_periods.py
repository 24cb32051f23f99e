"""A stretch of time is what a person writes, in UTC, and a mistake is named with its remedy."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.errors import CommandError
from cli.periods import parse_duration, parse_period

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("since", "start", "end", "expected"),
    [
        ("2h", None, None, (NOW - timedelta(hours=2), SOON)),
        ("1d", "2026-11-28", None, (datetime(2026, 11, 28, tzinfo=UTC), SOON)),
        ("1d", "2026-11-27", "2026-11-28", (datetime(2026, 11, 27, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC))),
        ("1d", "2026-11-28", "2026-11-28", (datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC))),
        (
            "1d",
            "2026-11-28T10:00+01:00",
            "2026-11-28T10:30",
            (datetime(2026, 11, 28, 9, tzinfo=UTC), datetime(2026, 11, 28, 10, 30, tzinfo=UTC)),
        ),
    ],
)
def test_a_period_is_read(since: str, start: str | None, end: str | None, expected: tuple[datetime, datetime]) -> None:
    window = parse_period(since, start, end, lambda: NOW)
    assert (window.start, window.end) == expected


@pytest.mark.parametrize(
    ("since", "start", "end", "message"),
    [
        ("soon", None, None, "--since is 'soon'; write a number and a unit"),
        ("1d", None, "2026-11-28", "--to needs --from"),
        ("1d", "yesterday", None, "--from is 'yesterday'; write a day or a time"),
        ("1d", "2026-11-28", "never", "--to is 'never'"),
        ("1d", "2026-11-28", "2026-11-27", "--from 2026-11-28 isn't before --to 2026-11-27"),
        ("1d", "2026-11-30", None, "--from 2026-11-30 isn't before now"),
        ("", None, None, "--since is ''; write a number and a unit"),
        ("-1d", None, None, "--since is '-1d'; write a number and a unit"),
        ("1.5h", None, None, "--since is '1.5h'; write a number and a unit"),
        ("٣d", None, None, "write a number and a unit"),
        ("1d\n", None, None, "write a number and a unit"),
        ("36501d", None, None, "--since is '36501d'; write at most 36500d"),
        ("99999999999d", None, None, "write at most 36500d"),
        ("9" * 5000 + "d", None, None, "write a number and a unit"),
        ("1d", "0001-01-01T00:00+14:00", None, "--from is '0001-01-01T00:00\\+14:00'; write a year from 1970 to 8999"),
        ("1d", "2026-11-28", "9999-12-31", "--to is '9999-12-31'; write a year"),
        ("1d", "2026-11-28T25:00", None, "--from is '2026-11-28T25:00'; write a day or a time"),
    ],
)
def test_a_mistake_is_named(since: str, start: str | None, end: str | None, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        parse_period(since, start, end, lambda: NOW)


def test_the_earliest_and_the_latest_moments_can_be_computed_with() -> None:
    assert parse_period("36500d", None, None, lambda: NOW).start == NOW - timedelta(days=36_500)
    assert parse_period("", "1970-01-01T00:00+14:00", "8999-12-31", lambda: NOW).end == datetime(9000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "seconds"), [("90s", 90), ("15m", 900), ("3h", 10_800), ("7d", 604_800), ("1w", 604_800)]
)
def test_a_duration_has_a_unit(since: str, seconds: int) -> None:
    assert parse_duration(since) == seconds
