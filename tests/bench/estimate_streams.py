"""Simulated streams: how often the tests for loss alarm falsely, and how soon they find a real loss."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ClassAnswers, Floats, ValueAnswers
from mlops.monitoring.estimate.history import EstimateHistory
from mlops.monitoring.estimate.window import Estimator, backtest, estimate_window, prepare
from mlops.monitoring.loss.estimated import EstimatedLoss
from mlops.monitoring.loss.realised import RealisedLoss

MARGIN = 0.01
LATE = 2
"""Days until truth comes."""
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
) -> AnsweredRows:
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
    return AnsweredRows(answers, np.column_stack([marked.astype(np.float64), rng.normal(0, 1, rows)]))


def draw_values(rows: int, rng: np.random.Generator, *, place: float = 0.0, noise: float = 1.0) -> AnsweredRows:
    """Rows of a regression whose errors are heavy-tailed and grow with an input; `place` moves that input."""
    grown = np.abs(rng.normal(place, 1, rows))
    predicted = rng.normal(10, 3, rows)
    truth = predicted + (0.5 + grown) * noise * rng.standard_t(5, rows)
    return AnsweredRows(ValueAnswers(truth, predicted), np.column_stack([grown, rng.normal(0, 1, rows)]))


Draw = Callable[[int, np.random.Generator, int], AnsweredRows]
"""Rows of a day (from 0; the test rows are of day -1)."""


def changed(before: Callable[..., AnsweredRows], at: int = CHANGE, **change: float) -> Draw:
    """A stream that changes on a day."""

    def draw(rows: int, rng: np.random.Generator, day: int) -> AnsweredRows:
        return before(rows, rng, **(change if day >= at else {}))

    return draw


@dataclass(frozen=True)
class Scenario:
    """A stream, the metric that is watched with its margin, and whether and when it truly gets worse."""

    name: str
    draw: Draw
    metric: str = "accuracy"
    test_rows: int = 2000
    rows: int = 200
    days: int = 365
    change: int | None = None
    margin: float = MARGIN


def watch_realised(scenario: Scenario, rng: np.random.Generator) -> int | None:
    """The day of the alarm of the test on rows with truth, which comes at once."""
    state = RealisedLoss.start(
        scenario.metric, scenario.draw(scenario.test_rows, rng, -1).answers, scenario.margin, rng
    )
    assert state is not None
    for day in range(scenario.days):
        state = state.observe(scenario.draw(scenario.rows, rng, day).answers, _window(day), rng)
        if state.test.alarm:
            return day
    return None


def watch_estimated(scenario: Scenario, rng: np.random.Generator) -> int | None:
    """The day of the alarm of the test on estimates; no truth ever comes."""
    held_out = scenario.draw(scenario.test_rows, rng, -1)
    estimator, state, _ = _start(scenario, held_out, rng)
    for day in range(scenario.days):
        found = estimate_window(estimator, scenario.draw(scenario.rows, rng, day), day, {}, rng)
        state = state.observe(found[scenario.metric], day, (), _window(day))
        if state.test.alarm:
            return day
    return None


def watch_model(scenario: Scenario, rng: np.random.Generator) -> int | None:
    """The day of the first alarm of either test, as a model is watched: truth comes two days late."""
    held_out = scenario.draw(scenario.test_rows, rng, -1)
    estimator, estimated, realised = _start(scenario, held_out, rng)
    history = EstimateHistory(before=backtest(held_out, rng))
    recent: list[AnsweredRows] = []
    for day in range(scenario.days):
        recent.append(scenario.draw(scenario.rows, rng, day))
        if day >= LATE:
            due = recent[day - LATE]
            realised = realised.observe(due.answers, _window(day), rng)
            history = history.judge(_window(day - LATE), estimator, due, rng)
        history = history.estimate(_window(day), estimator, recent[day], rng)
        found = history.windows[-1].estimated[scenario.metric]
        past = history.past(scenario.metric, _window(day))
        estimated = estimated.observe(found, history.place(_window(day)), past, _window(day))
        if realised.test.alarm or estimated.test.alarm:
            return day
    return None


def _start(
    scenario: Scenario, held_out: AnsweredRows, rng: np.random.Generator
) -> tuple[Estimator, EstimatedLoss, RealisedLoss]:
    estimated = EstimatedLoss.start(scenario.metric, held_out.answers, scenario.margin, rng)
    realised = RealisedLoss.start(scenario.metric, held_out.answers, scenario.margin, rng)
    assert estimated is not None
    assert realised is not None
    return prepare(held_out, rng, (scenario.metric,)), estimated, realised


def _window(day: int) -> str:
    return str(date(2026, 1, 1) + timedelta(day))


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
    """Years without loss, and losses."""
    still = changed(draw_classes)
    yield Scenario("accuracy, no change", still)
    yield Scenario("accuracy, no change, 300 test rows", still, test_rows=300)
    yield Scenario("accuracy, worse by the margin from the first day", changed(draw_classes, 0, flip=0.0342))
    for metric in ("brier", "log_loss", "f1", "roc_auc"):
        yield Scenario(f"{metric}, no change", still, metric)
    for metric in ("rmse", "mae", "r2"):
        yield Scenario(f"{metric}, heavy tails, no change", changed(draw_values), metric)
    for margin, flip in ((0.01, 0.0684), (0.02, 0.137), (0.05, 0.342)):
        for test_rows in (2000, 10_000, 50_000):
            name = f"accuracy, worse by twice the margin of {margin}, {test_rows} test rows"
            worse = changed(draw_classes, flip=flip)
            yield Scenario(name, worse, test_rows=test_rows, days=CHANGE + 365, change=CHANGE, margin=margin)
    worse = changed(draw_classes, flip=0.171)
    yield Scenario("accuracy, 5 points worse", worse, days=CHANGE + 90, change=CHANGE)
    worse = changed(draw_values, noise=1.33)
    yield Scenario("rmse, a third worse", worse, "rmse", days=CHANGE + 90, change=CHANGE)


def estimated_scenarios(days: int) -> Iterator[Scenario]:
    """Streams without truth: no change, a shift of inputs alone, and shifts that hurt."""
    yield from _harmless_scenarios(days)
    yield Scenario("accuracy, no change, 300 test rows", changed(draw_classes), test_rows=300, days=days)
    harder = changed(draw_classes, strength=1.45)
    yield Scenario("accuracy, inputs shift to where it's 6 points worse", harder, days=CHANGE + 90, change=CHANGE)
    yield Scenario("mae, no change", changed(draw_values), "mae", days=days)
    moved = changed(draw_values, place=1.0)
    yield Scenario("mae, inputs shift to where errors are larger", moved, "mae", days=CHANGE + 90, change=CHANGE)


def model_scenarios(days: int) -> Iterator[Scenario]:
    """Models that are watched by both tests: nothing is lost, inputs shift alone, and real losses."""
    yield from _harmless_scenarios(days)
    harder = changed(draw_classes, strength=1.45)
    yield Scenario("accuracy, inputs shift to where it's 6 points worse", harder, days=CHANGE + 90, change=CHANGE)
    worse = changed(draw_classes, flip=0.205)
    yield Scenario("accuracy, 6 points worse, inputs as before", worse, days=CHANGE + 90, change=CHANGE)


def _harmless_scenarios(days: int) -> Iterator[Scenario]:
    yield Scenario("accuracy, no change", changed(draw_classes), days=days)
    shifted = changed(draw_classes, tilt=0.85)
    yield Scenario("accuracy, inputs shift, performance holds", shifted, days=days)
    misled = changed(partial(draw_classes, cautious=0.4), cautious=1.0)
    yield Scenario("accuracy, inputs shift to where claims are too low, performance holds", misled, days=days)
