import numpy as np
import pytest

from mlops.errors.training import EstimatorFailed, SpecInvalid
from mlops.recommend.holdout import hold_out_for_search
from mlops.recommend.interactions import Interactions
from mlops.recommend.search import Found, search
from mlops.recommend.split import Task
from mlops.spec.recommender import Grid
from tests.unit.mlops.recommend.shops import draw_shop, make_interactions, make_spec

SHOP = draw_shop()


def _search(interactions: Interactions = SHOP, **settings: object) -> Found:
    spec = make_spec(**settings)
    return search(hold_out_for_search(interactions, spec), spec, lambda _: None)


def _scores(found: Found) -> dict[tuple[str, float], float]:
    return {
        (trial.candidate, next(iter(trial.parameters.values()))): float(trial.score or 0)
        for trial in found.search.trials
    }


def test_no_values_are_tried_twice_and_the_best_wins() -> None:
    grid = {"regularization": (1.0, 30.0, 3000.0, 1e6)}
    found = _search(candidates={"ease": grid})
    scores = _scores(found)
    assert set(scores) == {("ease", value) for value in grid["regularization"]}
    assert len(found.search.trials) == 4
    assert scores["ease", found.parameters["regularization"]] == max(scores.values())
    winner = found.search.trials[found.search.winner]
    assert winner.parameters == found.parameters
    assert found.search.reason == "ease is the only candidate"


def test_each_hyperparameter_is_tried_with_the_best_of_those_before_it() -> None:
    grid = {"neighbours": (5.0, 20.0), "shrink": (0.0, 10.0, 1e9)}
    found = _search(candidates={"item-knn": grid})
    scores = {
        (trial.parameters["neighbours"], trial.parameters["shrink"]): trial.score or 0 for trial in found.search.trials
    }
    assert len(scores) == len(found.search.trials)
    better = 5.0 if scores[5.0, 0.0] > scores[20.0, 0.0] else 20.0
    assert set(scores) >= {(5.0, 0.0), (20.0, 0.0), (better, 10.0), (better, 1e9)}
    best = max(found.search.trials, key=lambda trial: trial.score or 0)
    assert found.parameters == best.parameters


def test_a_gain_makes_the_search_go_through_all_hyperparameters_again() -> None:
    # The start, 1e9, hides what neighbours do; after a gain by less shrinking they are tried again.
    grid = {"neighbours": (1.0, 2.0, 20.0), "shrink": (0.0, 1e9)}
    found = _search(candidates={"item-knn": grid})
    tried = {(trial.parameters["neighbours"], trial.parameters["shrink"]) for trial in found.search.trials}
    assert {(value, found.parameters["shrink"]) for value in grid["neighbours"]} <= tried


def test_the_search_turns_back_after_two_values_in_turn_that_are_worse() -> None:
    values = (1e-3, 1.0, 30.0, 300.0, 1e5, 1e7, 1e9, 1e11)
    found = _search(candidates={"ease": {"regularization": values}})
    tried = sorted(trial.parameters["regularization"] for trial in found.search.trials)
    best = values.index(found.parameters["regularization"])
    assert 0 < best < 5
    assert tried[-1] == max(values[best + 2], 1e5)


def test_a_candidate_that_learns_tastes_beats_popularity() -> None:
    found = _search(candidates={"popularity": {}, "ease": {}})
    assert found.candidate == "ease"
    assert found.search.reason == "ease has the best mean over the validation users"


@pytest.mark.parametrize(("margin", "winner"), [(0.0, None), (0.05, "first")])
def test_a_simpler_candidate_within_the_error_and_the_margin_wins(margin: float, winner: str | None) -> None:
    same: dict[str, Grid] = {"ease": {"regularization": (300.0,)}, "ials": {"factors": (16.0,)}}
    found = _search(candidates=same, margin=margin)
    scores = [trial.score or 0 for trial in found.search.trials]
    assert abs(scores[0] - scores[1]) < 0.05
    if winner:
        assert found.candidate == "ease"
    else:
        assert found.candidate == ("ease" if scores[0] >= scores[1] else "ials")


def test_the_same_seed_finds_the_same_and_another_one_validates_on_other_users() -> None:
    grid: dict[str, Grid] = {"ials": {"factors": (8.0,)}}
    first, again, other = (_search(candidates=grid, seed=seed) for seed in (1, 1, 2))
    assert [trial.score for trial in first.search.trials] == [trial.score for trial in again.search.trials]
    assert [trial.score for trial in first.search.trials] != [trial.score for trial in other.search.trials]


def test_a_trial_that_cannot_be_solved_is_recorded_and_the_others_go_on() -> None:
    found = _search(candidates={"ease": {"regularization": (0.0, 30.0)}})
    unsolved = _search(_with_twin(), candidates={"ease": {"regularization": (0.0, 30.0)}})
    assert all(trial.failure is None for trial in found.search.trials)
    assert [trial.failure is not None for trial in unsolved.search.trials] == [
        trial.parameters["regularization"] == 0 for trial in unsolved.search.trials
    ]
    with pytest.raises(EstimatorFailed, match="singular"):
        _search(_with_twin(), candidates={"ease": {"regularization": (0.0,)}})


def _with_twin() -> Interactions:
    """The shop, and an item that exactly those have who have item 0."""
    twin = SHOP.take(SHOP.item == 0)
    item = np.concatenate((SHOP.item, np.full(len(twin), 60, dtype=np.int32)))
    both = SHOP.take(np.concatenate((np.arange(len(SHOP)), np.flatnonzero(SHOP.item == 0))))
    return Interactions(
        users=both.users,
        items=np.append(SHOP.items, "twin"),
        user=both.user,
        item=item,
        weight=both.weight,
        time=both.time,
        event=both.event,
    )


def test_unknown_and_impossible_hyperparameters_are_named() -> None:
    with pytest.raises(SpecInvalid, match=r"ease has no alpha; it has regularization"):
        _search(candidates={"ease": {"alpha": (1.0,)}})
    with pytest.raises(SpecInvalid, match=r"ials: factors is 0; it must be at least 1"):
        _search(candidates={"ials": {"factors": (0.0, 8.0)}})
    with pytest.raises(SpecInvalid, match="regularization is -3"):
        _search(candidates={"ease": {"regularization": (-3.0,)}})


def test_nobody_to_validate_with_is_said() -> None:
    lonely = make_interactions((0, 0, 1, 1), (1, 1, 1, 2))
    with pytest.raises(EstimatorFailed, match="no user"):
        _search(lonely)


def test_by_time_each_window_is_validated_on_what_came_after_it() -> None:
    tasks: list[Task] = hold_out_for_search(SHOP, make_spec(split="time", test_share=0.2))
    assert len(tasks) == 2
    lengths = [len(task.known) / len(SHOP) for task in tasks]
    assert lengths == pytest.approx([0.8, 0.6], abs=0.01)
    assert all(task.known.time.max() < (task.since or 0) for task in tasks)


def test_every_user_is_validated_once_by_folds() -> None:
    tasks = hold_out_for_search(SHOP, make_spec())
    users = np.concatenate([task.users for task in tasks])
    assert len(tasks) == 5
    assert len(set(users.tolist())) == len(users) > 290
