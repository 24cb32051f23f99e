"""When schedules are due."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from localaws.events.schedule import Next, ScheduleError, compile_schedule

# A Thursday.
START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def moments(expression: str, count: int, zone: str = "UTC", start: float = START) -> list[str]:
    def following(due: Next) -> list[float]:
        found, after = list[float](), start
        while len(found) < count and (moment := due(after, start)) is not None:
            found.append(moment)
            after = moment
        return found

    times = islice(following(compile_schedule(expression, zone, scheduler=True)), count)
    return [datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M") for moment in times]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", ["2026-01-01 00:01", "2026-01-01 00:02"]),
        ("rate(12 hours)", ["2026-01-01 12:00", "2026-01-02 00:00"]),
        ("rate(1 day)", ["2026-01-02 00:00", "2026-01-03 00:00"]),
        ("cron(0 10 * * ? *)", ["2026-01-01 10:00", "2026-01-02 10:00"]),
        ("cron(15 12 * * ? *)", ["2026-01-01 12:15", "2026-01-02 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-01-01 18:00", "2026-01-02 18:00", "2026-01-05 18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-01-01 08:00", "2026-02-01 08:00"]),
        ("cron(0/30 0-1 ? * 5 *)", ["2026-01-01 00:30", "2026-01-01 01:00", "2026-01-01 01:30", "2026-01-08 00:00"]),
        ("cron(0 9 L * ? *)", ["2026-01-31 09:00", "2026-02-28 09:00"]),
        ("cron(0 9 LW * ? *)", ["2026-01-30 09:00", "2026-02-27 09:00"]),
        # The 3rd of January 2026 is a Saturday, the 1st of February a Sunday.
        ("cron(0 9 3W JAN ? 2026)", ["2026-01-02 09:00"]),
        ("cron(0 9 1W 2 ? *)", ["2026-02-02 09:00", "2027-02-01 09:00"]),
        ("cron(0 9 ? * 6#3 *)", ["2026-01-16 09:00", "2026-02-20 09:00"]),
        ("cron(0 9 ? * FRIL *)", ["2026-01-30 09:00", "2026-02-27 09:00"]),
        ("cron(0 0 ? * FRI-MON *)", ["2026-01-02 00:00", "2026-01-03 00:00", "2026-01-04 00:00", "2026-01-05 00:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("cron(5,10 23 31 12 ? 2026-2027)", ["2026-12-31 23:05", "2026-12-31 23:10", "2027-12-31 23:05"]),
        ("at(2026-03-01T10:30:00)", ["2026-03-01 10:30"]),
    ],
)
def test_an_expression_is_due_as_on_aws(expression: str, expected: list[str]) -> None:
    assert moments(expression, len(expected)) == expected


def test_a_rate_of_the_scheduler_begins_at_once_and_a_rules_after_one_period() -> None:
    due, hour = compile_schedule("rate(1 hour)", scheduler=True), 3600
    assert [due(START - 1, START), due(START, START), due(START + hour, START)] == [
        START,
        START + hour,
        START + 2 * hour,
    ]
    assert compile_schedule("rate(1 hour)")(START - 1, START) == START + hour


def test_an_ended_schedule_is_never_due() -> None:
    assert moments("at(2025-12-31T00:00:00)", 1) == []
    assert moments("cron(0 0 1 1 ? 2020)", 1) == []
    assert moments("cron(0 9 3W JAN ? 2026)", 2) == ["2026-01-02 09:00"]


def test_times_are_in_the_time_zone_and_a_skipped_hour_is_omitted() -> None:
    assert moments("cron(0 8 * * ? *)", 1, "Europe/Berlin") == ["2026-01-01 07:00"]
    assert moments("at(2026-07-01T08:00:00)", 1, "Europe/Berlin") == ["2026-07-01 06:00"]
    # Clocks go from 2:00 to 3:00 on 29 March 2026.
    before = datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp()
    assert moments("cron(30 2 * * ? *)", 1, "Europe/Berlin", before) == ["2026-03-30 00:30"]


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 hours)",
        "rate(5 weeks)",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 0 * FOO ? *)",
        "every day",
        "at(tomorrow)",
    ],
)
def test_an_expression_that_aws_refuses_is_refused(expression: str) -> None:
    with pytest.raises(ScheduleError):
        compile_schedule(expression, scheduler=True)


def test_a_rule_refuses_at_expressions_and_unknown_time_zones() -> None:
    with pytest.raises(ScheduleError):
        compile_schedule("at(2026-03-01T10:30:00)")
    with pytest.raises(ScheduleError, match="Nowhere"):
        compile_schedule("rate(1 day)", "Nowhere/Land")
