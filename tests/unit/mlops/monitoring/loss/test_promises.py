"""What the tests for loss promise, on a few of the streams that `tests/bench/estimate.py` simulates in numbers."""

import numpy as np
import pytest

from mlops.evaluation.metrics.catalog import measure
from tests.bench.estimate_streams import (
    CHANGE,
    Scenario,
    changed,
    draw_classes,
    draw_values,
    run,
    watch_estimated,
    watch_model,
    watch_realised,
)

SHIFTED = Scenario("inputs shift, performance holds", changed(draw_classes, at=5, tilt=0.85), days=30)
HARDER = Scenario("inputs shift to where it's worse", changed(draw_classes, at=5, strength=1.0), days=30, change=5)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("accuracy", changed(draw_classes)),
        Scenario("log loss", changed(draw_classes), "log_loss"),
        Scenario("accuracy, few test rows", changed(draw_classes), test_rows=300),
        Scenario("rmse, heavy tails", changed(draw_values), "rmse"),
    ],
    ids=lambda scenario: str(scenario.name),
)
def test_in_a_year_of_daily_looks_hardly_a_model_alarms_falsely(scenario: Scenario) -> None:
    """Each of a model's two tests may alarm falsely in 2.5 % of models: 3 or more of 20 have a chance of 1.3 %."""
    assert run(watch_realised, scenario, 20, seed=1).alarms < 3


def test_a_shift_of_the_inputs_alone_is_no_loss_while_performance_holds() -> None:
    """Of the rows 85 % in place of 50 % lie on the positive side: other inputs, other answers, the same accuracy."""
    rng = np.random.default_rng(0)
    before, after = (measure(SHIFTED.draw(50_000, rng, day).answers) for day in (0, 5))
    assert after["accuracy"] == pytest.approx(before["accuracy"], abs=0.006)
    assert after["log_loss"] == pytest.approx(before["log_loss"], abs=0.015)
    found = run(watch_model, SHIFTED, 5, seed=0)
    assert found.alarms == 0


def test_a_shift_of_the_inputs_that_hurts_is_found_without_any_truth() -> None:
    found = run(watch_estimated, HARDER, 5, seed=0)
    assert (found.alarms, found.early) == (5, 0)


def test_a_loss_of_twice_the_margin_is_found_where_test_rows_are_many() -> None:
    worse = changed(draw_classes, at=CHANGE, flip=0.342)
    scenario = Scenario(
        "twice the margin", worse, test_rows=10_000, rows=400, days=CHANGE + 40, change=CHANGE, margin=0.05
    )
    found = run(watch_realised, scenario, 8, seed=0)
    assert (found.alarms, found.early) == (8, 0)
