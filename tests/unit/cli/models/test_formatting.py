"""Numbers and estimates in tables."""

import pytest

from cli.models.formatting import UNDEFINED, format_estimate, format_number
from mlops.registry.manifest.evidence import Estimate, Interval


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.96481, "0.9648"),
        (-0.5, "-0.5000"),
        (123.456, "123.5"),
        (4321.4, "4,321"),
        (1_234_567.8, "1,234,568"),
        (None, UNDEFINED),
        (float("nan"), UNDEFINED),
    ],
)
def test_a_number_has_the_digits_that_matter(value: float | None, text: str) -> None:
    assert format_number(value) == text


def test_an_estimate_has_its_interval_if_there_is_one() -> None:
    interval = Interval(low=0.91, high=0.98, level=0.95, method="bca")
    assert format_estimate(Estimate(value=0.95, rows=100, interval=interval)) == "0.9500 (0.9100 to 0.9800)"
    assert format_estimate(Estimate(value=0.95, rows=100)) == "0.9500"
    assert format_estimate(Estimate(value=None, rows=0, reason="one label only")) == UNDEFINED
    assert format_estimate(None) == UNDEFINED
