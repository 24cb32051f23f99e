"""The store of metrics."""

from __future__ import annotations

import tracemalloc

from localaws.metrics.series import Metric, StatisticSet
from localaws.metrics.statistics import parse_statistic
from localaws.metrics.store import HIGH, Datum, MetricStore

SUM = parse_statistic("Sum")
REQUESTS = Metric.of("app", "requests", {"route": "/", "stage": "prod"})
T = 1_795_428_000.0  # a whole minute


def store(*data: Datum) -> MetricStore:
    result = MetricStore()
    for datum in data:
        result.put(datum)
    return result


def test_reports_are_kept_by_the_minute_and_added_up_by_the_period() -> None:
    kept = store(*(Datum(REQUESTS, T + second, {1.0: 1}) for second in (0, 59, 60, 300)))
    assert kept.series(REQUESTS, T, T + 360, 60, SUM) == {T: 2, T + 60: 1, T + 300: 1}
    assert kept.series(REQUESTS, T, T + 360, 300, SUM) == {T: 3, T + 300: 1}
    assert kept.series(REQUESTS, T + 60, T + 300, 300, SUM) == {T + 60: 1}
    # Periods count from the requested start.
    assert kept.series(REQUESTS, T - 60, T + 360, 120, SUM) == {T - 60: 2, T + 60: 1, T + 300: 1}


def test_a_high_resolution_report_keeps_its_second() -> None:
    kept = store(*(Datum(REQUESTS, T + second, {1.0: 1}, resolution=HIGH) for second in (1, 4.9, 12)))
    assert kept.series(REQUESTS, T, T + 60, 10, SUM) == {T: 2, T + 10: 1}
    assert kept.series(REQUESTS, T, T + 60, 1, SUM) == {T + 1: 1, T + 4: 1, T + 12: 1}


def test_dimensions_are_a_metrics_own_whatever_their_order() -> None:
    kept = store(Datum(REQUESTS, T, {2.0: 3}))
    assert kept.series(Metric.of("app", "requests", {"stage": "prod", "route": "/"}), T, T + 60, 60, SUM) == {T: 6}
    assert kept.series(Metric.of("app", "requests", {"stage": "prod"}), T, T + 60, 60, SUM) == {}
    assert kept.series(Metric.of("app", "requests"), T, T + 60, 60, SUM) == {}


def test_units_are_separate_unless_none_is_requested() -> None:
    kept = store(Datum(REQUESTS, T, {1.0: 1}, "Count"), Datum(REQUESTS, T, {5.0: 1}, "Seconds"))
    assert kept.series(REQUESTS, T, T + 60, 60, SUM, "Count") == {T: 1}
    assert kept.series(REQUESTS, T, T + 60, 60, SUM) == {T: 6}
    assert kept.units(REQUESTS) == ["Count", "Seconds"]


def test_a_statistic_without_a_value_is_no_point() -> None:
    kept = store(Datum(REQUESTS, T, StatisticSet(2, 9, 3, 6)))
    assert kept.series(REQUESTS, T, T + 60, 60, parse_statistic("p99")) == {}
    assert kept.series(REQUESTS, T, T + 60, 60, parse_statistic("Maximum")) == {T: 6}


def test_metrics_without_data_for_two_weeks_are_not_listed() -> None:
    kept = store(Datum(REQUESTS, T, {1.0: 1}), Datum(Metric.of("app", "old"), T - 15 * 86_400, {1.0: 1}))
    assert kept.metrics(T + 1) == [REQUESTS]


def test_past_minutes_have_the_same_statistics_from_disk() -> None:
    values, part = {0.5: 2.0, 3.25: 1.0, 9.75: 4.0}, StatisticSet(3, 6.0, 1.0, 3.0)
    kept = store(
        Datum(REQUESTS, T, values, "Seconds"), Datum(REQUESTS, T, part, "Seconds"), Datum(REQUESTS, T, {1.0: 1})
    )
    for minute in range(1, 60):
        kept.put(Datum(REQUESTS, T + 60 * minute, {1.0: 1}, "Seconds"))
    after = kept.samples(REQUESTS, T, T + 60, 60, "Seconds")[T]
    assert (after.values, after.sets) == (values, [part])
    assert kept.units(REQUESTS) == ["None", "Seconds"]
    # Late data are added to what is on disk.
    kept.put(Datum(REQUESTS, T + 1, {0.5: 1.0}, "Seconds"))
    kept.put(Datum(REQUESTS, T + 3600, {1.0: 1}, "Seconds"))
    assert kept.samples(REQUESTS, T, T + 60, 60, "Seconds")[T].values == values | {0.5: 3.0}
    kept.clear()
    assert kept.samples(REQUESTS, T, T + 7200, 60) == {}


def test_hours_of_calls_take_little_memory() -> None:
    kept = MetricStore()
    durations = iter(range(10**9))

    def hour(start: float) -> None:
        for minute in range(60):
            for _ in range(500):
                kept.count(REQUESTS, float(next(durations)), start + 60 * minute)

    hour(T)
    tracemalloc.start()
    try:
        hour(T + 3600)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # In memory they would take 100 bytes a call; the three minutes that stay open replace those of the hour before.
    assert grown < 500 * 60 * 100 / 4
    assert sum(kept.series(REQUESTS, T, T + 7200, 60, parse_statistic("SampleCount")).values()) == 2 * 60 * 500
