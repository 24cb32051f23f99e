"""The store of metrics."""

from __future__ import annotations

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
