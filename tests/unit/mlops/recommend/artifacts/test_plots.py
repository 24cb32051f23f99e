"""The marks of the pictures' axes."""

import pytest

from mlops.recommend.artifacts.plots import _ticks


@pytest.mark.parametrize(
    ("least", "most", "marks"),
    [
        (0.0, 0.0, [0, 1]),
        (1.0, 1.0, [1, 2]),
        (8.2, 24.0, [5, 10, 20, 50]),
        (0.4, 3.0, [0, 1, 2, 5]),
        (20.0, 999.0, [20, 50, 100, 200, 500, 1_000]),
    ],
)
def test_an_axis_spans_what_there_is_and_no_more(least: float, most: float, marks: list[float]) -> None:
    assert _ticks(least, most) == marks
