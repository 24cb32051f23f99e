from dataclasses import replace

import numpy as np
import pytest

from mlops.artifact.recommender.items import Items
from mlops.artifact.recommender.ranking import Ranking
from mlops.recommend.candidates.popularity import trending
from mlops.recommend.compile.compiler import compile_model
from mlops.recommend.evaluation.champion import EarlierVersion, answer_by_version, compare_with_version
from mlops.recommend.fit import fit
from mlops.recommend.interactions import Interactions
from mlops.recommend.learn import Learned, learn
from tests.unit.mlops.recommend.shops import DAY, draw_shop, make_spec

SHOP = draw_shop()
SPEC = make_spec(split="time", candidates={"ease": {"regularization": (30.0,)}})
NONE = np.array([], dtype=np.int64)


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(SHOP, SPEC, lambda _: None)


def _version(interactions: Interactions, candidate: str = "ease") -> EarlierVersion:
    parameters = {"ease": {"regularization": 30.0}, "popularity": {"half_life_days": np.inf}}[candidate]
    model, _ = fit(candidate, parameters, interactions, SPEC)
    return EarlierVersion(
        version=3,
        ranking=Ranking(compile_model(model, NONE)),
        items=Items(interactions.items.tolist(), None, trending(interactions, 30.0)),
        candidate=candidate,
        parameters=parameters,
        latest=int(interactions.time.max()),
    )


def _shuffled(interactions: Interactions) -> Interactions:
    """The same interactions with the items in another order, one of them gone and one new."""
    order = np.random.default_rng(0).permutation(60)
    kept = interactions.take(interactions.item != 7)
    items = np.empty(60, dtype=object)
    items[order] = interactions.items
    items[order[7]] = "another item"
    return replace(kept, items=items, item=order[kept.item].astype(np.int32))


def test_a_version_with_other_indices_answers_by_the_items_names(learned: Learned) -> None:
    task = learned.test.task
    known = task.known.take(task.known.item != 7)
    same, shuffled = _version(known), _version(_shuffled(task.known))
    expected, found = answer_by_version(same, task, 5), answer_by_version(shuffled, task, 5)
    assert (found.lists == expected.lists).mean() > 0.99
    assert found.score("ndcg").mean() == pytest.approx(expected.score("ndcg").mean(), abs=1e-3)


def test_a_version_that_knows_the_same_answers_as_the_candidate(learned: Learned) -> None:
    task = learned.test.task
    found = answer_by_version(_version(task.known), task, 5)
    assert (found.lists == learned.test.answers.lists).mean() > 0.999


def test_a_version_older_than_what_is_held_out_answers_itself(learned: Learned) -> None:
    task = learned.test.task
    early = task.known.take(task.known.time < task.known.time.max() - 200 * DAY)
    found = compare_with_version(learned.test, _version(early), SPEC)
    assert found.fresh_rows == found.rows == len(task.users)
    assert found.not_repeated is not None
    assert found.overall is not None
    assert found.overall.verdict == "better"
    assert [part.where for part in found.slices] == [part.where for part in learned.test.slices]


def test_the_procedure_of_a_version_that_may_have_seen_the_test_is_repeated(learned: Learned) -> None:
    found = compare_with_version(learned.test, _version(SHOP), SPEC)
    assert (found.fresh_rows, found.not_repeated) == (0, None)
    assert found.overall is not None
    assert found.overall.difference == 0
    assert found.overall.verdict == "not worse"
    worse = compare_with_version(learned.test, _version(SHOP, "popularity"), SPEC)
    assert worse.overall is not None
    assert worse.overall.verdict == "better"


def test_a_procedure_that_is_no_candidate_any_more_is_the_reason(learned: Learned) -> None:
    gone = replace(_version(SHOP), candidate="matrix-factorization")
    found = compare_with_version(learned.test, gone, SPEC)
    assert found.overall is None
    assert found.reason is not None
    assert "no candidate any more" in found.reason
