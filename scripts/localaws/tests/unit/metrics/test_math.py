"""Metric math, against values worked out by hand and the tables of its documentation."""

from __future__ import annotations

import pytest

from localaws.metrics.math import Grid, Malformed, Scope, Series, evaluate, names_in, parse
from localaws.metrics.math.values import Value

T = 1_795_428_000  # 2026-11-23 10:00, a Monday
GRID = Grid(T, T + 300, 60)
Points = list[float | None]


def series(values: Points) -> Series:
    points = {T + 60.0 * position: value for position, value in enumerate(values) if value is not None}
    return Series(points, period=60)


def ask(expression: str, **metrics: Points) -> Value:
    return evaluate(parse(expression), Scope(GRID, {name: series(values) for name, values in metrics.items()}, {}))


def shown(value: Value) -> Points:
    assert isinstance(value, Series)
    return [value.points.get(moment) for moment in GRID]


M1: Points = [30, 20, 0, 0, None]
M2: Points = [20, None, 20, None, None]


@pytest.mark.proves("metric math gaps")
@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("m1 + m2", [50, 20, 20, 0, None]),
        ("m1 - 5 * 2", [20, 10, -10, -10, None]),
        ("m2 / m1", [20 / 30, 0, None, None, None]),
        ("100 / m1", [100 / 30, 5, None, None, None]),
        ("-m1 ^ 2", [-900, -400, 0, 0, None]),
        ("2 ^ 3 ^ 2 + m1 * 0", [512, 512, 512, 512, None]),
        # the table of the documentation
        ("m1 < m2", [0, 0, 1, 0, None]),
        ("m1 >= 30", [1, 0, 0, 0, None]),
        ("m1 > 15 AND m2 > 15", [1, 0, 0, 0, None]),
        ("m1 > 15 && m2 > 15 || m1 == 0", [1, 0, 1, 1, None]),
        ("m1 > 15 OR m2 != 20", [1, 1, 0, 0, None]),
        ("ABS(m2 - m1)", [10, 20, 20, 0, None]),
        ("CEIL(m1 / 40)", [1, 1, 0, 0, None]),
        ("FLOOR(m1 / 40)", [0, 0, 0, 0, None]),
        ("LOG10(m1 / 3)", [1, pytest.approx(0.8239, abs=1e-4), None, None, None]),
        ("LOG(m1 / m1)", [0, 0, None, None, None]),
        ("m1 - AVG(m1)", [17.5, 7.5, -12.5, -12.5, None]),
        ("m1 - MIN(m1)", [30, 20, 0, 0, None]),
        ("m1 / MAX(m1)", [1, 20 / 30, 0, 0, None]),
        ("m1 / SUM(m1)", [0.6, 0.4, 0, 0, None]),
        ("m1 * 0 + STDDEV(m2)", [0, 0, 0, 0, None]),
        ("SUM([m1, m2])", [50, 20, 20, 0, None]),
        ("AVG([m1, m2])", [25, 10, 10, 0, None]),
        ("MIN([m1, m2])", [20, 20, 0, 0, None]),
        ("MAX(METRICS())", [30, 20, 20, 0, None]),
        ("SUM(METRICS('2'))", [20, None, 20, None, None]),
        ("DATAPOINT_COUNT([m1, m2])", [2, 1, 2, 1, None]),
        ("SUM(m1) / DATAPOINT_COUNT(m1) + 0 * m1", [12.5, 12.5, 12.5, 12.5, None]),
        ("m1 / METRIC_COUNT(METRICS())", [15, 10, 0, 0, None]),
        ("DIFF(m1)", [None, -10, -20, 0, None]),
        ("DIFF_TIME(m2)", [None, None, 120, None, None]),
        ("RATE(m2 + m1)", [None, -0.5, 0, pytest.approx(-1 / 3), None]),
        ("RUNNING_SUM(m1)", [30, 50, 50, 50, None]),
        ("m1 / PERIOD(m1)", [0.5, pytest.approx(1 / 3), 0, 0, None]),
        ("FILL(m2, 7)", [20, 7, 20, 7, 7]),
        ("FILL(m2, m1)", [20, 20, 20, 0, None]),
        ("FILL(m2, REPEAT)", [20, 20, 20, 20, 20]),
        ("FILL(m2 + m1 * 0.1, REPEAT)", [23, 2, 20, 0, 0]),
        ("FILL(m2 - RUNNING_SUM(m2), LINEAR)", [0, -10, -20, None, None]),
        ("TIME_SERIES(MAX(m1))", [30, 30, 30, 30, 30]),
        ("FIRST(SORT(METRICS(), AVG, DESC))", [20, None, 20, None, None]),
        ("LAST(SORT([m1, m2], SUM, ASC))", [30, 20, 0, 0, None]),
        ("FIRST(SLICE(METRICS(), 1))", M2),
        ("SUM(SORT(METRICS(), MAX, DESC, 1))", [30, 20, 0, 0, None]),
        ("SUM(SLICE(METRICS(), 0, 1))", [30, 20, 0, 0, None]),
        ("MINUTE(m1)", [0, 1, 2, 3, 4]),
        ("HOUR(m1) + DAY(m1) * 100", [110, 110, 110, 110, 110]),
        ("DATE(m1) + MONTH(m1) * 100 + YEAR(m1) * 10000", [20261123] * 5),
        ("EPOCH(m1) - EPOCH(m1)", [0] * 5),
        ("IF(m1 < 25, m1)", [None, 20, 0, 0, None]),
        ("IF(m1 < 25, 10, 2)", [2, 10, 10, 10, None]),
        ("IF(SUM(m1) > 10, m2)", M2),
        ("IF(SUM(m1) > 100, m2)", [None] * 5),
        ("SUM(REMOVE_EMPTY([IF(m1 > 100, m1), m2]))", [20, None, 20, None, None]),
    ],
)
def test_an_expression_has_its_values(expression: str, values: Points) -> None:
    assert shown(ask(expression, m1=M1, m2=M2)) == values


# The tables of "Using IF expressions".
CONDITION: Points = [1, 1, 0, 0, None]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("IF(c, x, y)", [30, 0, 20, None, None]),
        ("IF(c, 5, y)", [5, 5, 20, None, None]),
        ("IF(c, x, 5)", [30, 0, 5, 5, None]),
    ],
)
def test_conditions_choose_as_documented(expression: str, values: Points) -> None:
    assert shown(ask(expression, c=CONDITION, x=[30, None, 0, 0, 30], y=[0, 0, 20, None, 20])) == values


def test_an_operation_on_an_array_is_one_on_each_of_its_series() -> None:
    found = ask("METRICS() / 10", m1=M1, m2=M2)
    assert isinstance(found, list)
    assert [shown(item) for item in found] == [[3, 2, 0, 0, None], [2, None, 2, None, None]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("m1 +", "found its end"),
        ("m1 m2", "found m2"),
        ("(m1", r"'\)'"),
        ("m1 ; m2", "';'"),
        ("m3", "id m3"),
        ("avg(m1)", "function avg doesn't exist"),
        ("MEDIAN(m1)", "function MEDIAN doesn't exist"),
        ("AVG()", "0 arguments"),
        ("SEARCH('x', 'Sum', 300)", "SEARCH isn't supported"),
        ("ANOMALY_DETECTION_BAND(m1)", "ANOMALY_DETECTION_BAND isn't supported"),
        ("SELECT AVG(x) FROM y", "Metrics Insights"),
        ("'text'", "METRICS"),
        ("METRICS(m1)", "one string"),
        ("PERIOD(m1 + 1)", "PERIOD takes a metric"),
        ("SORT(m1, AVG, DESC)", "array"),
        ("SORT(METRICS(), LAST, DESC)", "id LAST"),
        ("FILL(m1, DESC)", "REPEAT or LINEAR"),
        ("[m1, 5]", "not numbers"),
        ("[m1, m2] + [m1]", "2 and 1"),
        ("m1 + 1 / 0", "Division by zero"),
        ("ABS(5)", "time series"),
    ],
)
def test_an_invalid_expression_is_refused_by_name(expression: str, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        ask(expression, m1=M1, m2=M2)


def test_the_ids_in_an_expression_are_found() -> None:
    assert sorted(names_in(parse("IF(m1 > 5, [m2, -m3], FILL(m4, REPEAT)) + 1"))) == ["m1", "m2", "m3", "m4"]
