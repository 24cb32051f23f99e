from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.records.window import Window


def test_a_day_and_an_hour_have_the_bounds_that_their_ids_say() -> None:
    day, hour = Window.parse("2026-11-29"), Window.parse("2026-11-29T23")
    assert (day.start, day.end) == (datetime(2026, 11, 29, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
    assert (hour.start, hour.end) == (datetime(2026, 11, 29, 23, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
    assert day.days == hour.days == [date(2026, 11, 29)]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_every_moment_lies_in_one_day_and_one_hour_which_have_ids(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    for window in (Window.of_day(moment.date()), Window.of_hour(moment)):
        assert moment in window
        assert window.end not in window
        assert Window.parse(window.id) == window


def test_bounds_are_in_utc_whatever_zone_they_came_in() -> None:
    tokyo = timezone(timedelta(hours=9))
    window = Window(datetime(2026, 11, 29, 8, tzinfo=tokyo), datetime(2026, 11, 30, 8, tzinfo=tokyo))
    assert window.start == datetime(2026, 11, 28, 23, tzinfo=UTC)
    assert window.days == [date(2026, 11, 28), date(2026, 11, 29)]


def test_an_empty_window_touches_no_day() -> None:
    start = datetime(2026, 11, 29, tzinfo=UTC)
    assert Window(start, start).days == []


@pytest.mark.parametrize(
    "text", ["", "2026-11", "2026-13-01", "2026-11-29T24", "2026-11-29T1", "2026-11-29 14", "٢٠٢٦-11-29"]
)
def test_other_texts_are_no_window(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Window.parse(text)


def test_a_window_that_ends_before_it_starts_or_has_no_zone_is_refused() -> None:
    start = datetime(2026, 11, 29, tzinfo=UTC)
    with pytest.raises(ValueError, match="before its start"):
        Window(start, start - timedelta(seconds=1))
    with pytest.raises(ValueError, match="time zone"):
        Window(start.replace(tzinfo=None), start)


def test_only_whole_days_and_hours_have_an_id() -> None:
    start = datetime(2026, 11, 29, tzinfo=UTC)
    with pytest.raises(ValueError, match="neither"):
        _ = Window(start, start + timedelta(hours=2)).id
