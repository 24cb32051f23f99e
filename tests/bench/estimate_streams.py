"""Simulated streams: how often the tests for loss alarm falsely, and how soon they find a real loss."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from mlops.evaluation.metrics.answers import ClassAnswers, Floats, ValueAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.loss import Trained, observe_estimate
from mlops.monitoring.estimate.reference import Reference
from mlops.monitoring.estimate.window import estimate_window, prepare
from mlops.monitoring.losses import row_losses
from mlops.monitoring.sequential import Baseline, LossTest, Margin

MARGIN = 0.01
CHANGE = 30
"""The day on which a change comes, where one comes."""


@dataclass(frozen=True)
class Found:
    """In how many of `streams` an alarm was raised within so many `days`, and how many days after the change."""

    scenario: str
    test_rows: int
    rows: int
    days: int
    streams: int
    alarms: int
    early: int
    median: float | None
    p95: float | None


def sigmoid(logit: Floats) -> Floats:
    return 1 / (1 + np.exp(-logit))


def draw_classes(
    rows: int,
    rng: np.random.Generator,
    *,
    strength: float = 2.2,
    tilt: float = 0.5,
    flip: float = 0.0,
    cautious: float = 0.0,
) -> Reference:
    """Rows of a model that knows its own uncertainty, over-confidently by a quarter, with an input of no use.

    Small `strength` moves rows to where the model is unsure; `tilt` is the share of rows on the positive side, and
    changes probabilities and labels while the model stays as accurate; `flip` is the share of rows whose truth no
    longer follows the inputs. On the share `cautious` of rows, which an input marks, the model claims too little, not
    too much, and is as accurate.
    """
    side = np.where(rng.random(rows) < tilt, 1.0, -1.0)
    logit = side * np.abs(rng.normal(0, strength, rows))
    truth = (rng.random(rows) < sigmoid(logit)).astype(np.intp)
    broken = rng.random(rows) < flip
    truth[broken] = (rng.random(int(broken.sum())) < 0.5).astype(np.intp)
    marked = rng.random(rows) < cautious if cautious else np.zeros(rows, dtype=np.bool_)
    chance = sigmoid(np.where(marked, 0.7, 1.25) * logit)
    answers = ClassAnswers(truth, np.column_stack([1 - chance, chance]), ("no", "yes"))
    return Reference(answers, np.column_stack([marked.astype(np.float64), rng.normal(0, 1, rows)]))


def draw_values(rows: int, rng: np.random.Generator, *, place: float = 0.0, noise: float = 1.0) -> Reference:
    """Rows of a regression whose errors are heavy-tailed and grow with an input; `place` moves that input."""
    grown = np.abs(rng.normal(place, 1, rows))
    predicted = rng.normal(10, 3, rows)
    truth = predicted + (0.5 + grown) * noise * rng.standard_t(5, rows)
    return Reference(ValueAnswers(truth, predicted), np.column_stack([grown, rng.normal(0, 1, rows)]))


Draw = Callable[[int, np.random.Generator, int], Reference]
"""Rows of a day (from 0; the test rows are of day -1)."""


def changed(before: Callable[..., Reference], at: int = CHANGE, **change: float) -> Draw:
    """A stream that changes on a day."""

    def draw(rows: int, rng: np.random.Generator, day: int) -> Reference:
        return before(rows, rng, **(change if day >= at else {}))

    return draw


@dataclass(frozen=True)
class Scenario:
    """A stream, the metric that is watched, and whether and when it truly gets worse."""

    name: str
    draw: Draw
    metric: str = "accuracy"
    test_rows: int = 2000
    rows: int = 200
    days: int = 365
    change: int | None = None


def watch_realised(scenario: Scenario, rng: np.random.Generator) -> int | None:
    """The day of the alarm of the test on rows with truth."""
    first = row_losses(scenario.metric, scenario.draw(scenario.test_rows, rng, -1).answers)
    assert first is not None
    share = scenario.metric == "accuracy"
    baseline = Baseline.from_losses(first, share=share)
    factor = {"rmse": (1 + MARGIN) ** 2, "mae": 1 + MARGIN}.get(scenario.metric)
    margin = Margin(addend=MARGIN) if factor is None else Margin(factor=factor)
    limit = margin.limit(baseline.upper)
    test = LossTest.start(margin.limit(baseline.mean) - baseline.mean)
    for day in range(scenario.days):
        losses = row_losses(scenario.metric, scenario.draw(scenario.rows, rng, day).answers)
        assert losses is not None
        test = test.observe_rows(losses, limit, baseline.deviation)
        if test.alarm:
            return day
    return None


def watch_estimated(scenario: Scenario, rng: np.random.Generator) -> int | None:
    """The day of the alarm of the test on estimates; no truth ever comes."""
    reference = scenario.draw(scenario.test_rows, rng, -1)
    estimator = prepare(reference, rng, (scenario.metric,))
    losses = row_losses(scenario.metric, reference.answers)
    assert losses is not None
    error = float(losses.std() / np.sqrt(len(losses)))
    trained = Trained(scenario.metric, measure(reference.answers)[scenario.metric], error, MARGIN)
    test = trained.start()
    for day in range(scenario.days):
        found = estimate_window(estimator, scenario.draw(scenario.rows, rng, day), day, {}, rng)
        test = observe_estimate(test, trained, found[scenario.metric], day, ())
        if test.alarm:
            return day
    return None


Watch = Callable[[Scenario, np.random.Generator], int | None]


def run(watch: Watch, scenario: Scenario, streams: int, seed: int) -> Found:
    """So many streams of a scenario."""
    seeds = np.random.SeedSequence([seed, *scenario.name.encode()]).spawn(streams)
    days = [day for each in seeds if (day := watch(scenario, np.random.default_rng(each))) is not None]
    since = 0 if scenario.change is None else scenario.change
    after = [day - since + 1 for day in days if day >= since]
    return Found(
        scenario=scenario.name,
        test_rows=scenario.test_rows,
        rows=scenario.rows,
        days=scenario.days,
        streams=streams,
        alarms=len(days),
        early=len(days) - len(after),
        median=float(np.median(after)) if after else None,
        p95=float(np.quantile(after, 0.95)) if after else None,
    )


def realised_scenarios() -> Iterator[Scenario]:
    """A year without loss, and losses of 5 and 10 points of accuracy, of a third of an error."""
    still = changed(draw_classes)
    yield Scenario("accuracy, no change", still)
    yield Scenario("accuracy, no change, 300 test rows", still, test_rows=300)
    yield Scenario("accuracy, worse by the margin from the first day", changed(draw_classes, 0, flip=0.0342))
    yield Scenario("brier, no change", still, "brier")
    yield Scenario("log loss, no change", still, "log_loss")
    yield Scenario("rmse, heavy tails, no change", changed(draw_values), "rmse")
    yield Scenario("mae, heavy tails, no change", changed(draw_values), "mae")
    for test_rows in (2000, 10_000):
        worse = changed(draw_classes, flip=0.171)
        name = f"accuracy, 5 points worse, {test_rows} test rows"
        yield Scenario(name, worse, test_rows=test_rows, days=CHANGE + 90, change=CHANGE)
    worse = changed(draw_classes, flip=0.342)
    yield Scenario("accuracy, 10 points worse", worse, days=CHANGE + 90, change=CHANGE)
    worse = changed(draw_values, noise=1.33)
    yield Scenario("rmse, a third worse", worse, "rmse", days=CHANGE + 90, change=CHANGE)


def estimated_scenarios(days: int) -> Iterator[Scenario]:
    """Streams without truth: no change, a shift of inputs alone, and shifts that hurt."""
    yield Scenario("accuracy, no change", changed(draw_classes), days=days)
    yield Scenario("accuracy, no change, 300 test rows", changed(draw_classes), test_rows=300, days=days)
    shifted = changed(draw_classes, tilt=0.85)
    yield Scenario("accuracy, inputs shift, performance holds", shifted, days=days)
    uneven = partial(draw_classes, cautious=0.4)
    misled = changed(uneven, cautious=1.0)
    yield Scenario("accuracy, inputs shift to where claims are too low, performance holds", misled, days=days)
    harder = changed(draw_classes, strength=1.45)
    yield Scenario("accuracy, inputs shift to where it's 6 points worse", harder, days=CHANGE + 90, change=CHANGE)
    yield Scenario("mae, no change", changed(draw_values), "mae", days=days)
    moved = changed(draw_values, place=1.0)
    yield Scenario("mae, inputs shift to where errors are larger", moved, "mae", days=CHANGE + 90, change=CHANGE)
