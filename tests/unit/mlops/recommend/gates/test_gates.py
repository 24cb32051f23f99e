"""Each gate at its limit: what just passes, what just doesn't, and why."""

from dataclasses import replace

import numpy as np
import pytest

from mlops.recommend.data.catalog import Items
from mlops.recommend.gates.data import gate_catalog, gate_size
from mlops.recommend.gates.held_out import USERS, gate_baseline, gate_floors, gate_pruning
from mlops.recommend.interactions import Interactions
from mlops.registry.manifest.evidence import Comparison, Estimate, Verdict
from mlops.registry.manifest.manifest import Dataset
from tests.unit.mlops.recommend.bench import make_spec
from tests.unit.mlops.registry.samples import make_difference, make_recommender_manifest


def interactions(count: int) -> Interactions:
    """Each of 4 items in turn."""
    item = (np.arange(count) % 4).astype(np.int32)
    return Interactions(
        users=np.array(["u"], dtype=object),
        items=np.array(["a", "b", "c", "d"], dtype=object),
        user=np.zeros(count, dtype=np.int32),
        item=item,
        weight=np.ones(count),
        time=np.arange(count, dtype=np.int64),
        event=np.zeros(count, dtype=np.int8),
    )


@pytest.mark.parametrize(("value", "passed"), [(0.3, True), (0.2999, False), (None, False)])
def test_a_floor_is_reached_or_not(value: float | None, passed: bool) -> None:
    (gate,) = gate_floors({"ndcg": Estimate(value=value, rows=5)}, make_spec(floors={"ndcg": 0.3}))
    assert (gate.name, gate.passed, gate.required) == ("floor/ndcg", passed, 0.3)


@pytest.mark.parametrize(("verdict", "passed"), [("better", True), ("not worse", False), ("undecided", False)])
def test_what_is_popular_must_be_beaten_beyond_doubt(verdict: Verdict, passed: bool) -> None:
    assert gate_baseline(make_difference(verdict)).passed == passed


@pytest.mark.parametrize(("verdict", "passed"), [("better", True), ("not worse", True), ("undecided", False)])
def test_leaving_out_weights_may_cost_no_more_than_the_margin(verdict: Verdict, passed: bool) -> None:
    gate = gate_pruning(make_difference(verdict))
    assert (gate.passed, gate.observed) == (passed, verdict)
    assert "the loss is at most 0.0200" in (gate.detail or "")
    assert gate_pruning(None).passed


@pytest.mark.parametrize(("count", "passed"), [(50, True), (49, False)])
def test_half_of_the_interactions_must_be_there(count: int, passed: bool) -> None:
    dataset = Dataset(uri="s3://data/a.csv", s3_version=None, sha256="d", rows=100, columns=4)
    smaller = make_recommender_manifest(2).model_copy(update={"dataset": dataset.model_copy(update={"rows": 20})})
    earlier = [make_recommender_manifest(1).model_copy(update={"dataset": dataset}), smaller]
    (gate,) = gate_size(interactions(count), earlier)
    assert (gate.passed, gate.approvable) == (passed, not passed)
    assert "that of version 1 had 100" in (gate.detail or "")
    assert not list(gate_size(interactions(count), []))


@pytest.mark.parametrize(
    ("listed", "passed"), [([True, True, False, False], True), ([True, False, False, False], False)]
)
def test_the_catalogue_must_list_what_people_take_of_late(listed: list[bool], passed: bool) -> None:
    items = replace(Items.without_catalog(4), listed=np.array(listed))
    gate = gate_catalog(interactions(400), items)
    assert (gate.passed, gate.approvable, gate.observed) == (passed, not passed, sum(listed) / 4)


def test_how_the_champion_was_compared_is_said() -> None:
    assert "both procedures" in USERS.describe(Comparison(version=1, rows=50))
    assert "the version itself answered" in USERS.describe(Comparison(version=1, rows=50, fresh_rows=50))
