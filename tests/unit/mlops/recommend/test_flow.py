"""From interactions to a recommender that serves: what's promoted, what's refused, and the same version each time."""

import random
from typing import Any

import numpy as np
import pytest

from mlops.artifact.history import History
from mlops.artifact.names import ITEMS, MODEL
from mlops.artifact.recommender.items import Items
from mlops.artifact.recommender.ranking import Ranking
from mlops.errors.data import DatasetRejected
from mlops.intake.training import Outcome
from mlops.recommend.champion import read_parameters
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Gate
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions
from mlops.serving.recommend.trained import TrainedHistories
from tests.unit.mlops.recommend.bench import SHOP, Bench, edit, make_spec, other_code, reproducible, shop_files
from tests.unit.mlops.registry.faults import Breaker, Interrupted
from tests.unit.mlops.registry.samples import FILES, make_manifest

pytestmark = pytest.mark.usefixtures("swift")


def gates(outcome: Outcome[RecommenderManifest]) -> dict[str, Gate]:
    return {gate.name: gate for gate in outcome.manifest.gates}


def failed(outcome: Outcome[RecommenderManifest]) -> set[str]:
    return {name for name, gate in gates(outcome).items() if not gate.passed}


def shuffled(seed: int = 0) -> bytes:
    """What people did, each with any item: there is nothing to learn but popularity."""

    def change(rows: list[str]) -> list[str]:
        cells = [row.split(",") for row in rows]
        items = [each[1] for each in cells]
        random.Random(seed).shuffle(items)
        return [",".join([each[0], item, *each[2:]]) for each, item in zip(cells, items, strict=True)]

    return edit(shop_files()[0], change)


def test_interactions_become_a_champion_that_knows_its_users() -> None:
    bench = Bench(catalog=shop_files()[1])
    outcome = bench.train()
    manifest = outcome.manifest
    assert (outcome.standing, outcome.champion, bench.champion) == ("promoted", 1, 1), failed(outcome)
    assert manifest.accepted
    assert (manifest.items, manifest.users, manifest.k) == (SHOP.items, SHOP.users, 10)
    assert manifest.metrics["test"]["ndcg"] > 1.5 * manifest.metrics["baseline"]["ndcg"]
    assert manifest.estimates["ndcg"].interval
    assert manifest.since and manifest.until and manifest.since < manifest.until
    user, item = shop_files()[0].decode().splitlines()[1].split(",")[:2]
    found = TrainedHistories(bench.store, manifest, b"key").find(user)
    items = Items.from_json(bench.versions.read(manifest, ITEMS))
    assert found is not None
    assert items.places[item] in found.keys
    assert bench.mirror.registered == {1: "run-0"}
    assert {"card.html", "plots/attention.svg"} <= {*bench.mirror.shown}


def test_what_is_sold_out_is_never_recommended() -> None:
    bench = Bench(catalog=shop_files()[1])
    manifest = bench.train().manifest
    assert manifest.available == int(SHOP.available.sum()) < manifest.items
    assert manifest.catalog
    assert (manifest.catalog.items, manifest.catalog.s3_version) == (SHOP.items, "c1")
    ranking = Ranking(bench.versions.read(manifest, MODEL))
    items = Items.from_json(bench.versions.read(manifest, ITEMS))
    sold_out = {f"i{number:04}" for number in np.flatnonzero(~SHOP.available)}
    empty = np.empty(0, dtype=np.int64)
    for place in range(manifest.items):
        history = History(np.array([place]), np.ones(1), empty)
        ranked = {items.ids[item] for item in ranking.rank(history, manifest.items).items}
        assert not ranked & sold_out
        assert items.ids[place] not in ranked
    assert not {items.ids[item] for item in items.trending} & sold_out
    assert items.titles is not None
    assert items.titles[items.places["i0000"]] == "red pan"


def test_the_same_training_makes_one_version_and_the_same_bytes() -> None:
    bench = Bench(catalog=shop_files()[1])
    first = bench.train()
    again = bench.train()
    assert (again.standing, again.manifest) == ("unchanged", first.manifest)
    elsewhere = Bench(catalog=shop_files()[1]).train()
    assert reproducible(elsewhere.manifest) == reproducible(first.manifest)
    assert elsewhere.manifest.training_key == first.manifest.training_key


def test_the_same_rows_in_another_spelling_are_the_same_training() -> None:
    bench = Bench()
    bench.train()
    spelled = edit(shop_files()[0], lambda rows: [row.replace(",view", ", VIEW") for row in rows])
    assert bench.train(spelled).standing == "unchanged"


OTHERS: dict[str, dict[str, Any]] = {
    "another catalogue": {"catalog": shop_files()[1].replace(b"red pan", b"blue pan")},
    "another key for users": {"privacy_key": b"another"},
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_a_version_follows_from_makes_another_one(what: str) -> None:
    bench = Bench(catalog=shop_files()[1])
    bench.train()
    for name, value in OTHERS[what].items():
        setattr(bench, name, value)
    assert bench.train().manifest.version == 2


def test_a_model_that_is_no_better_than_what_is_popular_is_refused_and_the_champion_stays() -> None:
    bench = Bench()
    bench.train()
    outcome = bench.train(shuffled())
    assert outcome.standing == "refused"
    assert "baseline" in failed(outcome)
    assert (outcome.champion, bench.champion) == (1, 1)


def test_a_floor_that_is_missed_refuses_the_version() -> None:
    outcome = Bench().train(spec=make_spec(floors={"ndcg": 0.99}))
    assert failed(outcome) == {"floor/ndcg"}
    assert "at least 0.99 is required" in (gates(outcome)["floor/ndcg"].detail or "")


def test_a_candidate_is_compared_with_the_champion_on_the_same_users() -> None:
    bench = Bench()
    bench.train()
    outcome = bench.train(code=other_code(2))
    comparison = outcome.manifest.comparison
    assert comparison
    assert comparison.overall
    assert (comparison.version, comparison.overall.difference) == (1, 0.0)
    assert "both procedures, fitted to the same interactions" in (gates(outcome)["champion"].detail or "")
    assert outcome.standing == "promoted"


def test_a_candidate_that_is_worse_than_the_champion_is_not_promoted() -> None:
    bench = Bench()
    bench.train()
    worse = make_spec(candidates={"item-knn": {"neighbours": (1,), "exponent": (0.0,)}}, floors={}, margin=0.01)
    outcome = bench.train(spec=worse, code=other_code(2))
    assert gates(outcome)["champion"].observed in ("worse", "undecided")
    assert (outcome.standing, bench.champion) == ("refused", 1)


def test_a_dataset_that_lost_half_of_its_interactions_waits_for_a_person() -> None:
    bench = Bench()
    bench.train()
    outcome = bench.train(edit(shop_files()[0], lambda rows: rows[: len(rows) * 2 // 5]))
    assert "size" in failed(outcome)
    assert gates(outcome)["size"].approvable
    assert (outcome.standing, bench.champion) == ("held", 1)


def test_the_catalogue_of_another_shop_waits_for_a_person() -> None:
    outcome = Bench(catalog=shop_files()[1].replace(b"\ni", b"\nx").replace(b"\nx0001", b"\ni0001")).train()
    assert failed(outcome) == {"catalogue"}
    assert outcome.standing == "held"
    assert "63 items of the dataset aren't in the catalogue" in " ".join(outcome.manifest.remarks)


def test_a_catalogue_that_spells_items_otherwise_waits_for_a_person_who_is_told_of_it() -> None:
    outcome = Bench(catalog=shop_files()[1].replace(b"\ni", b"\nI")).train()
    assert (failed(outcome), outcome.standing) == ({"catalogue"}, "held")
    remarks = " ".join(outcome.manifest.remarks)
    assert "The catalogue doesn't list 64 items of the dataset" in remarks
    assert "such as 'I0000' for 'i0000'" in remarks


def test_a_catalogue_that_cannot_be_used_is_a_refusal_and_the_champion_stays() -> None:
    bench = Bench()
    bench.train()
    bench.catalog = b"item,title\n"
    with pytest.raises(DatasetRejected, match=r"items\.csv can't be used: the file has a header and no rows"):
        bench.train()
    assert bench.champion == 1


def test_a_champion_of_another_kind_cannot_be_compared_and_is_left_to_a_person() -> None:
    bench = Bench()
    table = make_manifest().model_copy(update={"model": "shop"})
    versions = Versions(bench.store, "shop")
    versions.claim("a-table")
    versions.write(table, FILES)
    Aliases(bench.store, "shop").move(CHAMPION, 1, by="ann", why="it was a table", seen=None)
    outcome = bench.train()
    assert failed(outcome) == {"champion"}
    assert (outcome.standing, bench.champion) == ("held", 1)
    assert "is of the kind 'table'" in (gates(outcome)["champion"].detail or "")


def test_what_is_left_out_is_named_in_the_outcome_and_counted_in_the_manifest() -> None:
    def change(rows: list[str]) -> list[str]:
        return [*rows, rows[0], "u00001,i0001,2199-01-01T00:00:00Z,view"]

    outcome = Bench().train(edit(shop_files()[0], change))
    assert [violation.rule for violation in outcome.violations] == ["duplicate", "future"]
    assert outcome.manifest.dataset.rejected_rows == 2
    assert "recorded twice" in outcome.manifest.remarks[0]


def test_hyperparameters_without_an_end_are_read_back_as_they_were() -> None:
    bench = Bench()
    outcome = bench.train(spec=make_spec(candidates={"popularity": {"half_life_days": (float("inf"),)}}, floors={}))
    assert read_parameters(bench.versions.recommender(1)) == {"half_life_days": float("inf")}
    # What is no more than popular isn't better than it.
    assert failed(outcome) == {"baseline"}


@pytest.mark.parametrize("after", [False, True])
def test_a_training_that_dies_in_any_call_is_finished_by_the_next(after: bool) -> None:
    undisturbed = Bench()
    with Breaker(store=undisturbed.store).installed((undisturbed.mirror, ("record", "register"))) as whole:
        wanted = undisturbed.train().manifest
    assert whole.calls > 10
    for call in range(1, whole.calls + 1):
        bench = Bench()
        guarded = Breaker(call, after, bench.store).installed((bench.mirror, ("record", "register")))
        with guarded, pytest.raises(Interrupted):
            bench.train()
        outcome = bench.train()
        assert outcome.standing in ("promoted", "unchanged"), call
        assert reproducible(outcome.manifest) == reproducible(wanted), call
        assert (outcome.manifest.version, bench.champion) == (1, 1), call
