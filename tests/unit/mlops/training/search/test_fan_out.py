"""A search whose fits run elsewhere, many at once, finds what one machine finds."""

import json
from typing import Any

import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from mlops.data.load import load_dataset
from mlops.registry.manifest.search import Search
from mlops.registry.store import open_store
from mlops.spec import ModelSpec
from mlops.spec.search_space import Between, Candidate
from mlops.training.search import fan_out, search
from mlops.training.search.folds import Folds
from mlops.training.search.scores import NO_SCORES, FoldFit, KnownScores
from tests.unit.mlops.samples import make_csv, make_lines, make_spec

KEY = "a-training"


class Fragile(DecisionTreeClassifier):  # type: ignore[misc]
    """Can't be fitted with a depth of 2."""

    def fit(self, *arguments: Any, **options: Any) -> Any:
        if self.max_depth == 2:
            raise ValueError("a depth of 2")
        return super().fit(*arguments, **options)


def make_searched(**changes: Any) -> ModelSpec:
    """Three candidates, two of them with a search space, that is searched with pruning and with failures."""
    candidates = {
        "linear": LogisticRegression(),
        "tree": Candidate(Fragile(max_depth=1), {"max_depth": (1, 2, None), "min_samples_leaf": Between(1, 30)}),
        "forest": Candidate(RandomForestClassifier(n_estimators=3, max_depth=1), {"max_features": (1, 2)}),
    }
    return make_spec(**{"candidates": candidates, "trials": 16, "metric": "log_loss", "floors": {}, **changes})


def noisy() -> bytes:
    """Leaves of which every fifth has the other label, so that candidates differ."""
    lines = make_lines(120, seed=4)
    other = {"long": "short", "short": "long"}

    def flipped(line: str) -> str:
        head, _, label = line.rpartition(",")
        return f"{head},{other[label]}"

    return make_csv([flipped(line) if place % 5 == 0 else line for place, line in enumerate(lines)])


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    return load_dataset(noisy(), "a.csv", make_searched()).train


def run_rounds(train: pd.DataFrame, spec: ModelSpec, reverse: bool = True) -> tuple[KnownScores, list[int]]:
    """Plan and fit until nothing is left; returns the scores and how many fits each round had."""
    store, sizes = open_store("memory://"), list[int]()
    while wanted := fan_out.plan(train, spec, fan_out.read_scores(store, spec.name, KEY)):
        sizes.append(len(wanted))
        # The order in which they end is any.
        for each in reversed(wanted) if reverse else wanted:
            sent = FoldFit(**json.loads(json.dumps(each.to_dict())))
            fan_out.write_outcome(store, spec.name, KEY, sent, fan_out.fit(train, spec, sent))
    return fan_out.read_scores(store, spec.name, KEY), sizes


def without_times(found: Search) -> dict[str, Any]:
    document = found.model_dump()
    return {**document, "trials": [{**trial, "seconds": 0} for trial in document["trials"]]}


def test_the_same_trials_and_winner_are_found_without_a_fit_of_the_search(
    train: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = make_searched()
    alone = search(train, spec, lambda _: None)
    scores, sizes = run_rounds(train, spec)
    fits: list[int] = []
    run = Folds.run

    def counted(self: Folds, estimators: Any, cores: Any) -> Any:
        fits.append(len(estimators))
        return run(self, estimators, cores)

    monkeypatch.setattr(Folds, "run", counted)
    together = search(train, spec, lambda _: None, scores=scores)
    assert fits == [5]  # the winner's, for its calibration
    assert without_times(together.search) == without_times(alone.search)
    assert (together.name, together.parameters, together.threshold) == (alone.name, alone.parameters, alone.threshold)
    assert together.scores == alone.scores
    assert (
        together.estimator.predict_proba(train[["length", "width"]])
        == alone.estimator.predict_proba(train[["length", "width"]])
    ).all()
    trials = alone.search.trials
    assert any(trial.failure for trial in trials)
    assert any(trial.pruned for trial in trials)
    # What is drawn at random runs at once; after that, each trial follows from those before.
    assert sizes[0] >= 5 * 8
    assert len(sizes) < len(trials)


def test_what_is_not_known_is_fitted_by_the_search_itself(train: pd.DataFrame) -> None:
    spec = make_searched()
    scores, _ = run_rounds(train, spec)
    half = KnownScores(dict(list(scores.outcomes.items())[::2]))
    alone, together = (search(train, spec, lambda _: None, scores=each) for each in (NO_SCORES, half))
    assert without_times(together.search) == without_times(alone.search)


def test_a_small_table_s_repeats_are_fitted_elsewhere_too(train: pd.DataFrame) -> None:
    spec = make_searched(trials=3)
    scores, sizes = run_rounds(train, spec, reverse=False)
    assert sizes == [15, 30]
    repeats = {json.loads(json.dumps(each.to_dict()))["repeat"] for each in fan_out.plan(train, spec, NO_SCORES)}
    assert repeats == {0}
    assert len(scores.outcomes) == 45


# Optuna can't store such a choice, which nobody asks it to.
@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
def test_parameters_that_json_changes_are_not_sent_anywhere(train: pd.DataFrame) -> None:
    odd = {"tree": Candidate(DecisionTreeClassifier(), {"class_weight": ({0: 1}, None)})}  # type: ignore[dict-item]
    assert not FoldFit("tree", {"class_weight": {0: 1}}, 0, 0).is_portable
    assert not FoldFit("tree", {"class_weight": object()}, 0, 0).is_portable
    wanted = fan_out.plan(train, make_searched(candidates=odd, trials=4), NO_SCORES)
    assert all(each.is_portable for each in wanted)


def test_an_error_of_the_dataset_is_left_to_the_training(train: pd.DataFrame) -> None:
    broken = {"tree": Candidate(Fragile(max_depth=2), {})}
    spec = make_searched(candidates=broken, trials=1)
    scores, sizes = run_rounds(train, spec)
    assert sizes == [5]
    assert {outcome["failure"] for outcome in scores.outcomes.values()} == {"it failed with ValueError: a depth of 2"}
