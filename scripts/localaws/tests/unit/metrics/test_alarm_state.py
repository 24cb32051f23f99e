"""The states of alarms, against every row of the tables of AWS's documentation."""

from __future__ import annotations

import pytest

from localaws.metrics.alarms.state import ALARM, INSUFFICIENT_DATA, OK, TREATMENTS, evaluate

KEPT = None
# data points (0 within the threshold, X breaching, - missing), then the state by treatment, in the order of TREATMENTS
THREE_OF_THREE = [
    ("0 - X - X", OK, OK, OK, OK),
    ("0 - - - -", OK, OK, OK, OK),
    ("- - - - 0", OK, OK, OK, OK),
    ("- - - - -", INSUFFICIENT_DATA, KEPT, ALARM, OK),
    ("0 X X - X", ALARM, ALARM, ALARM, ALARM),
    ("- - - - X", INSUFFICIENT_DATA, KEPT, ALARM, OK),
    ("- - - X -", INSUFFICIENT_DATA, KEPT, ALARM, OK),
    ("- - X - -", ALARM, KEPT, ALARM, OK),
    ("X - - - -", ALARM, KEPT, ALARM, OK),
    ("0 0 X X X", ALARM, ALARM, ALARM, ALARM),
    ("X X X 0 X", OK, OK, OK, OK),
]
TWO_OF_THREE = [
    ("0 - X - X", ALARM, ALARM, ALARM, ALARM),
    ("0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
    ("0 - X - -", OK, OK, ALARM, OK),
    ("- - - - 0", OK, OK, ALARM, OK),
    ("- - - X -", ALARM, KEPT, ALARM, OK),
    ("- - - - X", INSUFFICIENT_DATA, KEPT, ALARM, OK),
    ("X X 0 0 0", OK, OK, OK, OK),
]


@pytest.mark.parametrize(
    ("needed", "points", "missing", "state"),
    [
        (needed, points, missing, state)
        for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
        for points, *states in table
        for missing, state in zip(TREATMENTS, states, strict=True)
    ],
)
def test_the_latest_data_points_determine_the_state(needed: int, points: str, missing: str, state: str | None) -> None:
    parsed = [{"0": False, "X": True, "-": None}[point] for point in points.split()]
    assert evaluate(parsed, 3, needed, missing) == state
