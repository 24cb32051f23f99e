"""What a training wrote next to its dataset is read as it was meant, and what describes its trials is what parses."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from mlops.operations.trainings import Step, Trial, best_of, dataset_key, describe_retry, find_model, read_trial
from mlops.recommend.search import _describe
from mlops.registry.manifest.search import Trial as RecordedTrial
from mlops.training.search.trials import TrialRunner

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


@dataclass(frozen=True)
class FakeSpec:
    metric: str = "roc_auc"
    k: int = 10


@dataclass(frozen=True)
class FakeBudget:
    trials: int = 20


@dataclass(frozen=True)
class FakeRunner:
    """What a line of a trial is made of."""

    spec: FakeSpec = FakeSpec()
    budget: FakeBudget = FakeBudget()


def line_of(**fields: Any) -> str:
    """The line of a trial of a table's search, by the code that writes it."""
    given = {"folds": (0.98, 0.99), "pruned": False, "seconds": 1.0, "failure": None, **fields}
    trial = RecordedTrial(number=3, candidate="random-forest", **given)
    return TrialRunner._line(cast(TrialRunner, FakeRunner()), trial)


def test_a_line_of_a_trial_is_read_as_it_was_written() -> None:
    text = line_of(parameters={"n_estimators": 100, "max_depth": 0.125}, score=0.98765)
    assert read_trial(Step(f"{text}; best so far: random-forest, 0.9877", AT)) == Trial(
        number=3,
        most=20,
        candidate="random-forest",
        chosen="n_estimators=100, max_depth=0.125",
        at=AT,
        metric="roc_auc",
        score=0.9877,
    )


def test_a_pruned_trial_and_its_own_parameters_are_told_apart() -> None:
    found = read_trial(Step(line_of(parameters={}, score=-0.5, pruned=True), AT))
    assert found
    assert (found.chosen, found.score, found.pruned) == ("its own parameters", -0.5, True)


def test_a_trial_that_failed_has_its_reason_and_no_score() -> None:
    text = line_of(parameters={"a": 1}, score=None, failure="it failed with ValueError: x: y")
    found = read_trial(Step(f"{text}; best so far: other, 0.5", AT))
    assert found
    assert (found.score, found.failure) == (None, "it failed with ValueError: x: y")


def test_a_trial_of_a_recommender_is_read_too() -> None:
    trial = RecordedTrial(
        number=2, candidate="ease", parameters={"weight": 0.5, "days": 30}, folds=(), score=0.3125, pruned=False,
        seconds=1.0, failure=None,
    )  # fmt: skip
    found = read_trial(Step(_describe(trial, cast(Any, FakeSpec("ndcg"))), AT))
    assert found
    expected = (2, None, "ease", "days=30, weight=0.5", "ndcg@10", 0.3125)
    assert (found.number, found.most, found.candidate, found.chosen, found.metric, found.score) == expected


@pytest.mark.parametrize("text", ["run the gates", "trial by fire", "", "trial x of at most 20: a, b: c", "x" * 10_000])
def test_what_is_no_trial_is_a_step(text: str) -> None:
    assert read_trial(Step(text, AT)) is None


def test_the_best_trial_is_one_that_was_not_pruned() -> None:
    scores = [(0.5, False), (0.9, True), (0.7, False), (None, False)]
    trials = [Trial(n, None, "a", "", AT, "m", score, pruned) for n, (score, pruned) in enumerate(scores)]
    greatest, least = best_of(trials, greater=True), best_of(trials, greater=False)
    assert greatest
    assert least
    assert (greatest.number, least.number) == (2, 0)
    assert best_of([], greater=True) is None


@pytest.mark.parametrize(
    ("key", "model", "dataset"),
    [
        ("datasets/churn/a.csv", "churn", None),
        ("datasets/churn/a.csv.progress.json", "churn", "datasets/churn/a.csv"),
        ("datasets/churn/a.csv.report.json", "churn", "datasets/churn/a.csv"),
        ("datasets/a.csv", None, None),
        ("datasets/churn/deep/a.csv", None, None),
        ("feedback/churn/a.csv", None, None),
    ],
)
def test_keys_name_models_and_datasets(key: str, model: str | None, dataset: str | None) -> None:
    assert (find_model(key), dataset_key(key)) == (model, dataset)


def test_the_last_try_that_failed_is_in_the_dead_letters() -> None:
    assert describe_retry(1, 3, "no", 60) == "try 1 of 3 failed: no; the next comes within 60 s of its start"
    assert describe_retry(1, 3, "no", 0).endswith("the queue delivers it again")
    assert "TrainDeadLetters" in describe_retry(3, 3, "no", 60)
