"""An example of a shop goes in; a recommender, its report and its catalogue come out, whatever is wrong with the next.

Dirty files are named, and lose nothing of what serves.
"""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from examples.shop import Shop
from mlops.artifact.names import ITEMS
from mlops.artifact.recommender.items import Items
from mlops.interactions import Rating
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.serving.recommender import Recommender
from mlops.spec import RecommenderSpec
from models import recommender
from tests.integration.training.conftest import ROOT, Function
from tests.unit.mlops.recommend.bench import edit, reproducible, shop_files

MODEL = "recommender"
SHOP = Shop(users=220, items=64, days=60, visits=6)
KEY = f"datasets/{MODEL}/recommender.csv"
CATALOG = f"catalogs/{MODEL}/items.csv"
BOT_EVENTS = 1_000_000
GIVEN = recommender.spec

Load = Callable[..., Function]
type Rows = list[str]


def brief_spec() -> RecommenderSpec:
    """The example's spec with few candidates."""
    return replace(GIVEN, candidates={"popularity": {}, "item-knn": {"neighbours": (50.0,)}}, margin=0.03)


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Candidates with one set of hyperparameters each: most of a training's time is the search."""
    monkeypatch.setattr(recommender, "spec", brief_spec())


def versions() -> Versions:
    return Versions(open_store("s3://models"), MODEL)


def champion() -> int:
    alias = Aliases(open_store("s3://models"), MODEL).read(CHAMPION)
    assert alias
    return alias.version


def train(function: Function, content: bytes, key: str = KEY) -> dict[str, Any]:
    """Upload a dataset, deliver the event of it; the report."""
    event = function.put(content, key)
    assert function.deliver(event) == []
    return function.report(event)


def put_catalog(function: Function, content: bytes) -> str:
    """Upload a catalogue; its S3 version."""
    return str(function.s3.put_object(Bucket="data", Key=CATALOG, Body=content)["VersionId"])


def rejected(function: Function, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that were left out, as they lie in the data bucket."""
    key = report["rejected"].removeprefix("s3://data/")
    lines = function.s3.get_object(Bucket="data", Key=key)["Body"].read().splitlines()
    return [json.loads(line) for line in lines]


def test_an_example_becomes_a_recommender_that_serves_and_the_same_one_again(load: Load) -> None:
    function = load(PRIVACY_KEY="secret")
    events, items = shop_files(SHOP)
    catalog = put_catalog(function, items)
    report = train(function, events)
    assert (report["outcome"], report["version"], champion()) == ("promoted", 1, 1), report["reason"]
    manifest = versions().recommender(1)
    assert manifest.catalog
    assert (manifest.catalog.uri, manifest.catalog.s3_version) == (f"s3://data/{CATALOG}", catalog)
    assert manifest.dataset.s3_version == report["s3_version"]
    assert report["metrics"]["ndcg"] == manifest.metrics["test"]["ndcg"] > manifest.metrics["baseline"]["ndcg"]
    assert Recommender.load_files(versions(), manifest).items.ids[0] == "i0000"
    again = train(function, gzip.compress(events), f"{KEY}.gz")
    assert (again["outcome"], again["version"]) == ("unchanged", 1)
    progress = json.loads(function.s3.get_object(Bucket="data", Key=f"{KEY}.progress.json")["Body"].read())
    assert progress["state"] == "ended"
    assert "read and check the dataset and the catalogue" in [step["step"] for step in progress["steps"]]


def test_another_process_makes_the_same_bytes(load: Load) -> None:
    function = load(PRIVACY_KEY="secret")
    train(function, shop_files(SHOP)[0])
    here = {name: each.sha256 for name, each in reproducible(versions().recommender(1)).items()}
    source = (
        "import json\n"
        "from tests.unit.mlops.recommend.bench import Bench, reproducible, shop_files\n"
        "from tests.integration.training.test_recommender import SHOP, brief_spec\n"
        "bench = Bench(privacy_key=b'secret')\n"
        "manifest = bench.train(shop_files(SHOP)[0], brief_spec()).manifest\n"
        "print(json.dumps({name: each.sha256 for name, each in reproducible(manifest).items()}))\n"
    )
    paths = os.pathsep.join(str(ROOT / part) for part in ("functions", "scripts", "."))
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert json.loads(done.stdout) == here


def test_a_catalogue_that_changes_makes_a_version_that_knows_it(load: Load) -> None:
    function = load()
    events, items = shop_files(SHOP)
    put_catalog(function, items)
    train(function, events)
    put_catalog(function, items.replace(b"red pan,kitchen,true", b"red pan,kitchen,false"))
    assert train(function, events)["version"] == 2
    trending = Items.from_json(versions().read(versions().recommender(2), ITEMS))
    assert trending.places["i0000"] not in trending.trending
    assert champion() == 2


def bot(rows: Rows) -> Rows:
    return [*rows, *(f"robot,i{number % 64:04},{1_740_800_000 + number},view" for number in range(BOT_EVENTS))]


# fault: how the rows are changed, the rule that names it, and whether the whole dataset is refused
DIRTY: dict[str, tuple[Callable[[Rows], Rows], str, bool]] = {
    "times to come": (lambda rows: [*rows, "u00001,i0001,2199-01-01T00:00:00Z,view"], "future", False),
    "clocks that weren't set": (lambda rows: [*rows, "u00001,i0001,1970-01-01T00:00:00Z,view"], "minimum", False),
    "unknown events": (lambda rows: [*rows, "u00001,i0001,2025-03-02T00:00:00Z,teleport"], "event", False),
    "events recorded twice": (lambda rows: [*rows, *rows[:9]], "duplicate", False),
    "a million events of one bot": (bot, "bot", False),
    "mostly broken rows": (lambda rows: [row.replace("view", "seen") for row in rows], "event", True),
    "too few rows": (lambda rows: rows[:40], "rows", True),
}


@pytest.mark.parametrize("fault", DIRTY)
def test_dirty_rows_are_named_and_the_champion_goes_on(load: Load, fault: str) -> None:
    change, rule, refused = DIRTY[fault]
    function = load()
    train(function, shop_files(SHOP)[0])
    before = versions().recommender(1)
    report = train(function, edit(shop_files(SHOP)[0], change), f"datasets/{MODEL}/dirty.csv")
    assert versions().recommender(1) == before
    if refused:
        assert (report["outcome"], champion()) == ("rejected", 1)
        assert rule in {group["rule"] for group in report["violation_groups"]}
        return
    # Without the dirty rows it's the dataset that the champion learnt from.
    assert (report["outcome"], report["version"], champion()) == ("unchanged", 1, 1)
    assert {each["rule"] for each in rejected(function, report)} == {rule}


def test_negative_weights_are_named_by_the_range_of_ratings(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = replace(recommender.spec, rating=Rating(column="weight", minimum=0, maximum=10))
    monkeypatch.setattr(recommender, "spec", spec)
    function = load()
    rows = edit(shop_files(SHOP)[0], lambda rows: [*(f"{row},1" for row in rows), f"{rows[0]},-3", f"{rows[1]},11"])
    report = train(function, rows.replace(b"event\n", b"event,weight\n", 1))
    assert (report["outcome"], champion()) == ("promoted", 1), report["reason"]
    assert [each["rule"] for each in rejected(function, report)] == ["minimum", "maximum"]
    assert [each["value"] for each in rejected(function, report)] == ["-3", "11"]


HEADERS = {
    "an unknown column": (b"user,item,time,event", b"user,item,time,event,price", "the contract has no column 'price'"),
    "a missing column": (b"user,item,time,event", b"user,item,when,event", "column 'time' is missing"),
}


@pytest.mark.parametrize("fault", HEADERS)
def test_columns_that_do_not_fit_are_named_and_the_champion_goes_on(load: Load, fault: str) -> None:
    given, header, words = HEADERS[fault]
    function = load()
    train(function, shop_files(SHOP)[0])
    content = shop_files(SHOP)[0].replace(given, header, 1)
    if header.count(b",") > given.count(b","):
        content = edit(content, lambda rows: [f"{row},1" for row in rows])
    report = train(function, content)
    assert (report["outcome"], champion()) == ("rejected", 1)
    assert words in report["reason"]


def test_ids_that_differ_by_case_or_blanks_are_named_and_none_is_lost(load: Load) -> None:
    def change(rows: Rows) -> Rows:
        odd = [row.replace("i0003", "I0003") for row in rows[1::2]]
        return [*odd, *(row.replace("i0005", " i0005 ") for row in rows[::2])]

    function = load()
    report = train(function, edit(shop_files(SHOP)[0], change))
    assert (report["outcome"], report["rejected_rows"]) == ("promoted", 0), report["reason"]
    # Outer blanks make no other id, and letters' case does.
    assert versions().recommender(1).items == SHOP.items + 1
    (note,) = (each for each in report["notes"] if "differ" in each)
    assert "The ids of 2 items" in note
    assert "'I0003' and 'i0003'" in note


EMPTY = {
    "no rows": (b"item,title,category,available\n", "the file has a header and no rows"),
    "nothing at all": (b"", "the file is empty"),
    "nothing available": (b"item,available\ni0001,false\n", "none of its items is available"),
}


@pytest.mark.parametrize("what", EMPTY)
def test_an_empty_catalogue_is_named_and_the_champion_goes_on(load: Load, what: str) -> None:
    content, words = EMPTY[what]
    function = load()
    put_catalog(function, shop_files(SHOP)[1])
    train(function, shop_files(SHOP)[0])
    put_catalog(function, content)
    report = train(function, shop_files(SHOP)[0], f"datasets/{MODEL}/next.csv")
    assert (report["outcome"], champion()) == ("rejected", 1)
    assert report["violation_groups"][0]["rule"] == "catalog"
    assert words in report["reason"]
    assert f"s3://data/{CATALOG}" in report["reason"]


def test_two_catalogues_are_one_too_many(load: Load) -> None:
    function = load()
    put_catalog(function, shop_files(SHOP)[1])
    function.s3.put_object(Bucket="data", Key=f"{CATALOG}.gz", Body=gzip.compress(shop_files(SHOP)[1]))
    report = train(function, shop_files(SHOP)[0])
    assert report["outcome"] == "rejected"
    assert "delete all catalogues but one" in report["reason"]


def test_hyperparameters_that_a_candidate_does_not_have_are_a_fault_of_the_spec(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(recommender.spec, candidates={"ease": {"regularisation": (1.0,)}})
    monkeypatch.setattr(recommender, "spec", spec)
    report = train(load(), shop_files(SHOP)[0])
    assert report["outcome"] == "rejected"
    assert "ease has no regularisation" in report["reason"]
