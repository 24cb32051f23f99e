"""What has changed is said in the column's unit, from what to what, since when, on how many rows."""

from datetime import date

import numpy as np
import pytest

from mlops.monitoring.drift import look
from mlops.monitoring.drift.describe import describe_change, describe_finding
from mlops.monitoring.drift.effect import Change
from mlops.monitoring.drift.look import Finding
from tests.unit.mlops.monitoring.drift.columns import CASES, day, reference_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("number", ["the median rose from 13.", " to 15.", " px (1"]),
        ("spread", ["the distance between the quartiles grew from 1.", " mm ("]),
        ("shape", ["the distribution has another shape"]),
        ("integer", ["the median rose from 2 to 3 ("]),
        ("zeros", ["the median rose from 0 to 0."]),
        ("missing", ["the share of missing values rose from 2.", " % to ", "%"]),
        ("all missing", ["the share of missing values fell from 100.0% to 0.0%"]),
        ("constant", ["the median rose from 7 to 8 (8 to 8)", "values above all of the training's"]),
        ("out of range", ["the share of values below all of the training's rose from 0.0% to "]),
        ("category", ["the share of 'west' rose from 1", "the share of 'north' fell from "]),
        ("missing category", ["the share of missing values rose from "]),
        ("new category", ["the share of values that never occurred in training rose from 0.0% to "]),
        ("boolean", ["the share of 'true' rose from "]),
        ("date", ["the median rose from 2026-02-", " to 2026-0", " (2026-0"]),
        ("hash", ["the share of '0000000000"]),
    ],
)
def test_each_kind_of_change_reads_in_its_own_terms(name: str, words: list[str]) -> None:
    case = CASES[name]
    rng = np.random.default_rng(6)
    references = {"x": reference_of(case.calm(2_000, rng), case.column)}
    state, findings = look(None, references, {"x": case.drifted(200, rng)}, day(22), 7)
    state, findings = look(state, references, {"x": case.drifted(200, rng)}, day(23), 7)
    text = describe_finding(findings[0], case.column)
    for part in words:
        assert part.replace(" %", "") in text
    assert text.startswith("x: ")
    assert text.endswith("; since Monday, 2026-11-23 (400 rows)")


def test_a_change_that_the_median_doesnt_show_is_given_in_standard_deviations() -> None:
    change = Change("shift", -0.31, -0.4, -0.22, 0.1, before=2, now=2, now_low=2, now_high=2, rows=400)
    text = describe_change(change, CASES["integer"].column)
    assert text == "values are lower, as if by 0.31 standard deviations (0.22 to 0.40)"


def test_a_spread_that_the_quartiles_dont_show_is_given_in_percent() -> None:
    change = Change("spread", 0.31, 0.22, 0.4, 0.1, before=2, now=2, now_low=2, now_high=2, rows=400)
    assert describe_change(change, CASES["number"].column) == "the spread grew by 31% (22.0% to 40.0%)"


def test_a_long_category_is_cut() -> None:
    change = Change("share", 0.1, 0.05, 0.15, 0.02, 0.1, 0.2, 0.15, 0.25, 400, name="y" * 300)
    assert len(describe_change(change, CASES["category"].column)) < 120


def test_a_finding_that_doesnt_matter_says_so() -> None:
    finding = Finding("x", 0.001, date(2026, 11, 24), 1_400, ())
    assert describe_finding(finding, CASES["number"].column) == (
        "x changed about 2026-11-24, by less than what matters (1,400 rows)"
    )
