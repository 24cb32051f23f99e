import numpy as np
import pytest

from mlops.errors.training import EstimatorFailed
from mlops.recommend.candidates import catalog
from mlops.recommend.evaluation import held_out_test
from mlops.recommend.evaluation.comparison import FEWEST_USERS
from mlops.recommend.learn import Learned, learn
from mlops.recommend.models import DenseItems, SparseItems
from mlops.spec.expectations import Limits
from mlops.spec.recommender import RecommenderSpec
from tests.unit.mlops.recommend.shops import draw_shop, make_spec

SHOP = draw_shop()
EASE = {"ease": {"regularization": (30.0, 300.0)}}


def _learn(**settings: object) -> Learned:
    spec: RecommenderSpec = make_spec(**{"split": "time", "candidates": EASE, **settings})
    return learn(SHOP, spec, lambda _: None)


@pytest.fixture(scope="module")
def learned() -> Learned:
    return _learn()


def test_what_is_served_is_learnt_from_all_interactions_and_tested_without_the_held_out_ones(learned: Learned) -> None:
    assert learned.test.task.known.time.max() < SHOP.time.max()
    assert isinstance(learned.model, DenseItems)
    assert sorted(learned.trending.tolist()) == list(range(60))
    assert learned.search.trials[learned.search.winner].parameters == learned.parameters


def test_the_test_has_all_metrics_slices_and_the_gain_over_popularity(learned: Learned) -> None:
    test = learned.test
    assert set(test.estimates) == set(test.baseline_estimates)
    assert test.better.verdict == "better"
    assert test.better.difference == pytest.approx(
        float(test.estimates["ndcg"].value or 0) - float(test.baseline_estimates["ndcg"].value or 0)
    )
    names = {part.where.partition(" (")[0] for part in test.slice_estimates}
    assert {"users = light", "users = heavy", "items = tail"} <= names
    assert test.too_small
    assert test.pruning is None


def test_the_same_seed_learns_the_same(learned: Learned) -> None:
    again = _learn()
    assert isinstance(learned.model, DenseItems)
    assert isinstance(again.model, DenseItems)
    assert (again.model.weights == learned.model.weights).all()
    assert again.test.estimates == learned.test.estimates


def test_a_model_that_is_too_large_is_served_pruned_and_its_loss_measured() -> None:
    small = Limits(size_mb=0.008, load_seconds=4.0, latency_ms=20.0)
    found = _learn(limits=small)
    assert isinstance(found.model, SparseItems)
    assert found.model.indices.shape == (60, 10)
    assert found.test.pruning is not None
    assert found.test.pruning.margin == 0.01
    assert found.test.pruning.rows == len(found.test.task.users)
    assert found.test.estimates["ndcg"].value == pytest.approx(found.test.pruning.candidate)


def test_of_a_large_catalogue_each_items_nearest_are_learnt_and_the_loss_measured_on_its_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalog, "DENSE_UP_TO", 59)
    monkeypatch.setattr(held_out_test, "HEAD", 30)
    found = _learn()
    assert isinstance(found.model, SparseItems)
    assert found.test.pruning is not None
    assert found.test.pruning.where == "all users"
    assert FEWEST_USERS <= found.test.pruning.rows < len(found.test.task.users)
    # With 29 others in the head, all of them are near: nothing is lost there.
    assert found.test.pruning.difference == pytest.approx(0, abs=0.02)


def test_too_few_test_users_are_said() -> None:
    few = SHOP.take(SHOP.user < 20).compact()
    with pytest.raises(EstimatorFailed, match="30 are needed"):
        learn(few, make_spec(candidates=EASE), lambda _: None)


def test_progress_names_trials_and_the_result() -> None:
    lines: list[str] = []
    learn(SHOP, make_spec(candidates={"popularity": {"half_life_days": (np.inf, 30.0)}}), lines.append)
    assert lines[0].startswith("trial 0: popularity (half_life_days=inf): ndcg@5 0.")
    assert lines[-1].startswith("popularity: ndcg@5 0.")
