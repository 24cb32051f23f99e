"""Times as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta

from localaws.commands.logs import _line
from localaws.commands.table import show_time


def test_the_time_of_local_aws_is_shown_in_utc_to_the_second() -> None:
    assert show_time("2026-11-30T16:05:30.123456+02:00") == "2026-11-30 14:05:30 UTC"


def test_a_log_line_of_another_day_has_its_day() -> None:
    moment = datetime(2026, 11, 30, 14, 5, 30, 7000).astimezone()
    event = {"timestamp": round(moment.timestamp() * 1000), "message": "done\n"}
    assert _line(event, moment.date()) == "14:05:30.007  done"
    assert _line(event, moment.date() + timedelta(days=1)) == "2026-11-30 14:05:30.007  done"
