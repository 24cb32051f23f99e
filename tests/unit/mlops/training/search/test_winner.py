"""The search as a whole: who wins, when it ends, and that it's the same each time."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB

from mlops.data.sample import sample
from mlops.errors.data import DatasetRejected
from mlops.errors.training import EstimatorFailed
from mlops.spec import ModelSpec
from mlops.spec.model import METRICS
from mlops.spec.search_space import Between, Candidate, Costs
from mlops.training.compile import compile_estimator
from mlops.training.search import SearchResult, final_fit, search, winner
from tests.unit.mlops.samples import make_spec
from tests.unit.mlops.training.compile import tables
from tests.unit.mlops.training.search.samples import BOOSTING, LINEAR, Clock, make_rows, make_search_spec

SEARCHED = {
    "linear": Candidate(LINEAR, {"C": Between(0.001, 100, log=True)}),
    "boosting": Candidate(BOOSTING, {"learning_rate": Between(0.01, 0.5, log=True), "max_leaf_nodes": Between(2, 15)}),
}


def find(rows: pd.DataFrame, spec: ModelSpec, clock: Clock | None = None, cores: int = 2) -> SearchResult:
    return search(rows, spec, lambda _: None, None, clock or Clock(), cores)


def probabilities(found: SearchResult, rows: pd.DataFrame) -> bytes:
    return bytes(found.estimator.predict_proba(rows[["length", "width"]]).tobytes())


def test_the_simpler_of_two_that_are_as_good_wins() -> None:
    found = find(make_rows(), make_search_spec())
    assert found.name == "linear"
    assert isinstance(found.estimator, LogisticRegression)


def test_a_complex_candidate_that_is_better_wins() -> None:
    found = find(make_rows(400, product=True), make_search_spec())
    assert found.name == "boosting"
    assert found.search.winner == 2
    assert found.scores["boosting"] < found.scores["linear"]


def test_a_simpler_one_wins_over_a_better_mean_that_is_within_the_noise() -> None:
    better_by_little = {"linear": LINEAR, "other": LogisticRegression(C=3)}
    found = find(make_rows(), make_search_spec(candidates=better_by_little))
    assert min(found.scores, key=lambda name: found.scores[name]) == "other"
    assert found.name == "linear"
    assert "linear" in found.search.reason
    assert "within a standard error" in found.search.reason


class Picky(LogisticRegression):  # type: ignore[misc]
    """Can be fitted on the first four folds, and on none after them."""

    fits = 0

    def fit(self, *given: Any, **options: Any) -> "Picky":
        Picky.fits += 1
        if Picky.fits > 4:
            raise ValueError("three values are too few")
        super().fit(*given, **options)
        return self


def test_a_candidate_that_fails_on_other_folds_is_no_longer_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Picky, "fits", 0)
    told: list[str] = []
    spec = make_search_spec(candidates={"picky": Picky(), "linear": LINEAR})
    found = search(make_rows(), spec, told.append, None, Clock(), 1)
    assert (found.name, list(found.scores), found.search.repeats) == ("linear", ["linear"], 3)
    assert any("picky can't be fitted on other folds: it failed with" in line for line in told)


def test_where_no_candidate_is_left_the_dataset_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Picky, "fits", -4)
    spec = make_search_spec(candidates={"picky": Picky(), "other": Picky(C=2)})
    with pytest.raises(EstimatorFailed, match=r"picky can't be fitted on other folds.*; other can't"):
        search(make_rows(), spec, lambda _: None, None, Clock(), 1)


@pytest.mark.parametrize("metric", METRICS["binary"])
def test_every_metric_that_a_spec_may_name_can_choose(metric: str) -> None:
    candidates = {"worst": DummyClassifier(), "best": LINEAR}
    found = find(make_rows(), make_search_spec(candidates=candidates, metric=metric))
    # What always claims the share of the labels is perfectly calibrated, if nothing else.
    assert found.name == ("worst" if metric == "calibration_error" else "best")


def test_every_trial_is_recorded_with_what_it_scored() -> None:
    spec = make_search_spec(candidates=SEARCHED, trials=6)
    lines: list[str] = []
    found = search(make_rows(), spec, lines.append, None, Clock(), 2)
    assert [trial.number for trial in found.search.trials] == [1, 2, 3, 4, 5, 6]
    assert [trial.parameters for trial in found.search.trials[:2]] == [{}, {}]
    for trial in found.search.trials:
        assert trial.score == pytest.approx(np.mean(trial.folds))
        assert len(trial.folds) == (2 if trial.pruned else spec.folds)
    winner = found.search.trials[found.search.winner - 1]
    assert winner.candidate == found.name
    assert found.parameters.items() >= winner.parameters.items()
    told = [line for line in lines if line.startswith("trial ")]
    assert len(told) == 6
    assert told[0].startswith("trial 1 of at most 6: linear, its own parameters: log_loss 0.")
    assert found.search.ended == "trials"


def test_hopeless_trials_are_pruned_and_reported_as_pruned() -> None:
    candidates = {
        "linear": LINEAR,
        "boosting": Candidate(BOOSTING, {"learning_rate": (0.1, 1e-9, 1e-8, 1e-7, 1e-6)}),
    }
    lines: list[str] = []
    found = search(make_rows(), make_search_spec(candidates=candidates, trials=20), lines.append, None, Clock(), 2)
    pruned = [trial for trial in found.search.trials if trial.pruned]
    assert pruned
    assert all(trial.parameters["learning_rate"] < 0.1 and len(trial.folds) == 2 for trial in pruned)
    assert sum("pruned after 2 folds" in line for line in lines) == len(pruned)
    assert found.search.ended == "space"
    assert len(found.search.trials) == 6


def test_no_trial_begins_after_the_time_is_up_and_as_many_trials_find_the_same() -> None:
    rows, spec = make_rows(), make_search_spec(candidates=SEARCHED, trials=50, search_seconds=20)
    cut = find(rows, spec, Clock(seconds=1))
    assert cut.search.ended == "time"
    assert 2 < len(cut.search.trials) < 10
    again = search(rows, spec, lambda _: None, cut.search, Clock(seconds=1_000), 2)
    assert again.search.ended == "trials"
    assert [trial.folds for trial in again.search.trials] == [trial.folds for trial in cut.search.trials]
    assert (again.name, again.parameters) == (cut.name, cut.parameters)
    assert probabilities(again, rows) == probabilities(cut, rows)


def test_each_candidate_is_tried_once_however_short_the_time() -> None:
    found = find(make_rows(), make_search_spec(candidates=SEARCHED, search_seconds=0))
    assert [trial.candidate for trial in found.search.trials] == list(SEARCHED)
    assert found.search.ended == "time"


def test_the_same_rows_and_seed_find_the_same_on_any_number_of_cores() -> None:
    rows = make_rows(300, product=True)
    forest = Candidate(
        RandomForestClassifier(n_estimators=10), {"max_features": (1, 2), "min_samples_leaf": Between(1, 9)}
    )
    spec = make_search_spec(candidates={**SEARCHED, "forest": forest}, trials=6, seed=5)
    found = [find(rows, spec, cores=cores) for cores in (1, 2, 3)]
    first = found[0]
    for other in found[1:]:
        assert [trial.folds for trial in other.search.trials] == [trial.folds for trial in first.search.trials]
        assert (other.name, other.parameters, other.threshold) == (first.name, first.parameters, first.threshold)
        compiled = compile_estimator(first.estimator, spec.contract)
        assert compile_estimator(other.estimator, spec.contract) == compiled


def test_a_forests_own_threads_do_not_change_it_and_are_not_kept() -> None:
    rows = make_rows(300, product=True)
    found = [
        find(rows, make_search_spec(candidates={"forest": RandomForestClassifier(20, n_jobs=jobs)}), cores=cores)
        for jobs, cores in ((None, 1), (2, 2))
    ]
    assert probabilities(found[0], rows) == probabilities(found[1], rows)
    assert found[0].parameters == found[1].parameters
    assert found[1].parameters["n_jobs"] is None


def test_overconfident_probabilities_are_calibrated_and_true_ones_are_not() -> None:
    # Two columns that say the same are counted twice by a naive Bayes classifier, which is too sure then.
    random = np.random.default_rng(0)
    rows = make_rows(600)
    rows["width"] = rows["length"] + random.normal(0, 0.01, len(rows))
    bayes = find(rows, make_search_spec(candidates={"bayes": GaussianNB()}))
    assert bayes.search.calibration == "sigmoid"
    assert isinstance(bayes.estimator, CalibratedClassifierCV)
    assert bayes.search.losses["sigmoid"] < bayes.search.losses["none"]
    linear = find(rows, make_search_spec(candidates={"linear": LINEAR}))
    assert linear.search.calibration is None


@pytest.mark.parametrize("rows", [600, 1_500])
def test_a_calibrated_model_is_better_on_fresh_rows_however_it_was_fitted(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(final_fit, "CROSS_FITTED_ROWS", 1_000)
    monkeypatch.setattr(final_fit, "ROWS_APART", 300)
    boosting = HistGradientBoostingClassifier(max_iter=30, learning_rate=0.9, max_leaf_nodes=15)
    spec = make_search_spec(candidates={"boosting": boosting})
    found = find(make_rows(rows), spec)
    assert found.search.calibration
    fresh = make_rows(3_000, seed=9)
    plain = boosting.fit(make_rows(rows)[["length", "width"]], make_rows(rows)["kind"])
    calibrated, bare = (log_loss(each, fresh) for each in (found.estimator, plain))
    assert calibrated < bare
    assert compile_estimator(found.estimator, spec.contract)


def test_rows_kept_apart_judge_the_very_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(final_fit, "CROSS_FITTED_ROWS", 500)
    monkeypatch.setattr(final_fit, "ROWS_APART", 200)
    rows = make_rows(1_000)
    found = find(rows, make_search_spec(candidates={"linear": LINEAR}, threshold=Costs(1, 9)))
    apart = rows.iloc[sample(rows["kind"], 200, labels=True, seed=0)]
    seen = rows.drop(apart.index)
    fitted = LogisticRegression(random_state=0).fit(seen[["length", "width"]], seen["kind"])
    assert probabilities(found, rows) == fitted.predict_proba(rows[["length", "width"]]).tobytes()
    assert found.search.losses["none"] == pytest.approx(log_loss(fitted, apart))
    assert found.threshold is not None
    assert found.threshold < 0.3


@pytest.mark.parametrize("limit", [100, 10_000])
def test_a_calibrated_forest_is_the_same_on_any_number_of_cores(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(final_fit, "CROSS_FITTED_ROWS", limit)
    monkeypatch.setattr(final_fit, "ROWS_APART", 100)
    rows = make_rows(400)
    spec = make_search_spec(candidates={"forest": RandomForestClassifier(10, n_jobs=2)}, folds=3)
    found = [find(rows, spec, cores=cores) for cores in (1, 2)]
    assert found[0].search.calibration
    assert found[0].parameters == found[1].parameters
    assert found[1].parameters["n_jobs"] is None
    first, second = (compile_estimator(each.estimator, spec.contract) for each in found)
    assert first == second


def log_loss(estimator: object, rows: pd.DataFrame) -> float:
    chances = estimator.predict_proba(rows[["length", "width"]])  # type: ignore[attr-defined]
    return float(
        -np.log(np.clip(chances[np.arange(len(rows)), (rows["kind"] == "short").astype(int)], 1e-15, 1)).mean()
    )


def test_the_threshold_suits_what_wrong_answers_cost() -> None:
    dear_misses, dear_alarms = (
        find(make_rows(), make_search_spec(threshold=costs)).threshold for costs in (Costs(1, 9), Costs(9, 1))
    )
    assert dear_misses is not None
    assert dear_alarms is not None
    assert dear_misses < 0.3 < 0.7 < dear_alarms


def test_a_spec_without_a_threshold_gets_none() -> None:
    assert find(make_rows(), make_search_spec()).threshold is None


def test_a_large_table_is_searched_by_a_sample_and_fitted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winner, "SEARCH_ROWS", 100)
    rows = make_rows(500)
    found = find(rows, make_search_spec(candidates={"linear": LINEAR}))
    assert found.search.rows == 100
    whole = LogisticRegression(random_state=0).fit(rows[["length", "width"]], rows["kind"])
    assert probabilities(found, rows) == whole.predict_proba(rows[["length", "width"]]).tobytes()


def test_a_metric_that_is_not_defined_in_a_fold_refuses_the_dataset() -> None:
    rows = make_rows(40)
    spec = make_spec(
        target=tables.TARGETS["regression"], candidates={"ridge": Ridge()}, metric="r2", floors={}, name="leaves"
    )
    flat = rows.drop(columns="kind").assign(price=1.0)
    with pytest.raises(DatasetRejected, match="r2 isn't defined on a fold"):
        find(flat, spec)


@pytest.mark.parametrize(
    ("task", "metric", "models"),
    [
        (
            "binary",
            "roc_auc",
            (LogisticRegression(), RandomForestClassifier(10), HistGradientBoostingClassifier(max_iter=10)),
        ),
        (
            "multiclass",
            "log_loss",
            (LogisticRegression(), RandomForestClassifier(10), HistGradientBoostingClassifier(max_iter=10)),
        ),
        ("regression", "rmse", (Ridge(), RandomForestRegressor(10), HistGradientBoostingRegressor(max_iter=10))),
    ],
)
def test_any_task_is_searched_over_columns_of_every_kind(task: str, metric: str, models: tuple[object, ...]) -> None:
    names = ("linear", "forest", "boosting")
    spaces: tuple[dict[str, Between], ...] = (
        {},
        {"model__min_samples_leaf": Between(1, 10)},
        {"model__learning_rate": Between(0.05, 0.3)},
    )
    spec = ModelSpec(
        name="houses",
        target=tables.TARGETS[task],
        columns=tables.COLUMNS,
        candidates={
            name: Candidate(tables.prepared(model), space)
            for name, model, space in zip(names, models, spaces, strict=True)
        },
        metric=metric,
        floors={},
        folds=3,
        trials=5,
    )
    rows = tables.table(200)
    rows[spec.target.name] = tables.target(rows, task)
    found = find(rows, spec)
    assert len(found.search.trials) == 5
    assert found.name == "linear"
    assert (found.search.losses == {}) == (task == "regression")
    assert compile_estimator(found.estimator, spec.contract)
