"""Statistics, against values worked out by hand."""

from __future__ import annotations

import pytest

from localaws.metrics.series import Sample, StatisticSet
from localaws.metrics.statistics import UnknownStatistic, parse_statistic


def sample(*values: float, sets: tuple[StatisticSet, ...] = ()) -> Sample:
    result = Sample(sets=list(sets))
    for value in values:
        result.add(value)
    return result


TEN = sample(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("SampleCount", 10), ("Sum", 55), ("Average", 5.5), ("Minimum", 1), ("Maximum", 10),
        ("p50", 5), ("p90", 9), ("p99", 10), ("p100", 10), ("p0", 1), ("p99.9", 10), ("p10.0", 1),
        # the 10 % of the highest values is the 10 alone
        ("tm90", 5), ("tc90", 9), ("ts90", 45), ("wm90", 5.4),
        ("TM(10%:90%)", 5.5), ("TM(20%:)", 6.5), ("TM(:95%)", 5.5), ("IQM", 5.5),
        # fixed edges leave out the lower one and keep the upper one
        ("TM(2:5)", 4), ("TC(2:5)", 3), ("TS(2:5)", 12), ("TC(:2)", 2), ("TS(8:)", 19), ("WM(3:8)", 5.5),
        ("WM(4:)", 6.1), ("WM(10%:90%)", 5.5), ("PR(:3)", 30), ("PR(3:8)", 50), ("PR(9:)", 10),
    ],
)  # fmt: skip
def test_a_statistic_has_its_value(statistic: str, value: float) -> None:
    assert parse_statistic(statistic)(TEN) == pytest.approx(value)


def test_values_count_as_often_as_they_occurred() -> None:
    often = Sample()
    often.add(1, 99)
    often.add(100, 1)
    assert parse_statistic("p99")(often) == 1
    assert parse_statistic("p99.5")(often) == 100
    assert parse_statistic("Average")(often) == pytest.approx(1.99)
    assert parse_statistic("tm99")(often) == 1


def test_a_statistic_set_has_the_simple_statistics_and_no_percentiles() -> None:
    mixed = sample(4, sets=(StatisticSet(2, 9, 3, 6),))
    simple = {name: parse_statistic(name)(mixed) for name in ("SampleCount", "Sum", "Minimum", "Maximum")}
    assert simple == {"SampleCount": 3, "Sum": 13, "Minimum": 3, "Maximum": 6}
    assert parse_statistic("p50")(mixed) is None
    assert parse_statistic("p50")(sample(4, sets=(StatisticSet(2, 12, 6, 6),))) == 6


def test_negative_values_have_no_percentiles() -> None:
    assert parse_statistic("p50")(sample(-1, 2)) is None
    assert parse_statistic("Minimum")(sample(-1, 2)) == -1


@pytest.mark.parametrize("text", ["Median", "p101", "p", "tm", "TM(5:10%)", "TM(:)", "TM()", "PR(10%:)", "average", ""])
def test_an_unknown_statistic_is_refused(text: str) -> None:
    with pytest.raises(UnknownStatistic, match="not supported"):
        parse_statistic(text)
