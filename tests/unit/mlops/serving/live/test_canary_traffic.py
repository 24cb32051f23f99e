"""A canary answers its share of the people, always the same ones, as long as its champion serves and its time lasts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mlops.contract import Column
from mlops.registry.aliases import CHALLENGER, Aliases
from mlops.registry.canary import CanaryPlan, start_canary, stop_canary
from mlops.registry.promotion import promote_version, roll_back
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.live.assignment import draw_position, find_entity
from tests.unit.mlops.serving.artifacts import CONTRACT, golden, linear_graph, promote, put_version, steeper
from tests.unit.mlops.serving.harness import Answer, Api

SHARE = 0.3
ROW = {"mean radius": 3.0, "mean texture": 2.0}
PEOPLE = [{"mean radius": float(number % 100), "mean texture": float(number)} for number in range(400)]


def start(store: Store, number: int = 2, share: float = SHARE, lasts: timedelta = timedelta(days=7)) -> None:
    plan = CanaryPlan(share=share, lasts=lasts)
    start_canary(Versions(store, "diagnosis"), Aliases(store, "diagnosis"), number, plan, by="test", why="tried")


def poll(api: Api) -> None:
    api.models.champion("diagnosis").poll()
    api.models.challenger("diagnosis").poll()


@pytest.fixture
def canary(store: Store, api: Api) -> Store:
    steeper(store, 2)
    start(store)
    poll(api)
    return store


def versions(api: Api, rows: list[dict[str, Any]]) -> list[int]:
    return [api.predict(row).json["version"] for row in rows]


def records(api: Api) -> list[dict[str, Any]]:
    return [line for line in api.printed() if line.get("record") == "prediction"]


def named(api: Api, entity: str, row: dict[str, Any]) -> Answer:
    return api.ask("POST", "/predict", json.dumps({"rows": [row]}), content_type="application/json", x_entity_id=entity)


@pytest.mark.usefixtures("canary")
def test_a_share_of_the_people_gets_the_canary_and_keeps_it(api: Api) -> None:
    first = versions(api, PEOPLE)
    assert set(first) == {1, 2}
    # People and version are given, so this is no matter of chance.
    assert abs(first.count(2) / len(PEOPLE) - SHARE) < 0.05
    assert versions(api, PEOPLE) == first
    told = {(record["model_version"], record["role"]) for record in records(api)}
    assert told == {(1, "champion"), (2, "challenger")}


@pytest.mark.usefixtures("canary")
def test_every_protocol_gives_a_person_the_same_version(api: Api) -> None:
    seen = set()
    for row in PEOPLE[:40]:
        whole = {name: int(cell) for name, cell in row.items()}
        inputs = [{"name": name, "datatype": "INT64", "shape": [1], "data": [cell]} for name, cell in whole.items()]
        inferred = api.ask("POST", "/v2/models/diagnosis/infer", json.dumps({"inputs": inputs})).json
        frame = json.dumps({"dataframe_split": {"columns": [*whole], "data": [[*whole.values()]]}})
        invoked = api.ask("POST", "/invocations", frame, content_type="application/json").json
        asked = api.predict(whole).json
        assert int(inferred["model_version"]) == invoked["version"] == asked["version"]
        seen.add(asked["version"])
    assert seen == {1, 2}


@pytest.mark.usefixtures("canary")
def test_whom_the_client_names_has_one_version_whatever_the_row(api: Api) -> None:
    people = {
        f"person-{number}": {named(api, f"person-{number}", row).json["version"] for row in PEOPLE[:10]}
        for number in range(20)
    }
    assert all(len(found) == 1 for found in people.values())
    assert set.union(*people.values()) == {1, 2}
    assert "person-" not in json.dumps(api.printed()), "whom a request is about isn't logged"


@pytest.mark.usefixtures("canary")
def test_the_first_row_decides_for_all_rows_of_a_request(api: Api) -> None:
    alone = versions(api, PEOPLE[:30])
    together = [api.predict(row, *PEOPLE[100:105]).json["version"] for row in PEOPLE[:30]]
    assert together == alone


def test_a_key_in_the_contract_says_whom_a_row_is_about(store: Store) -> None:
    person = Column(name="person", kind="category")
    contract = CONTRACT.model_copy(update={"columns": (person, *CONTRACT.columns)})
    keyed = put_version(store, 1, contract=contract, key=("person",))
    rows = [{"person": "ann", **ROW}, {"person": "ann", **ROW, "mean radius": 9.0}, {"person": "bob", **ROW}]
    ann, ann_later, bob = (find_entity(None, [row], keyed) for row in rows)
    assert ann == ann_later != bob
    elsewhere = put_version(store, 2, contract=contract, key=("person", "visit"))
    assert find_entity(None, rows[:1], elsewhere) != find_entity(None, rows[1:2], elsewhere)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"mean radius": 3, "mean texture": 2.0}, {"mean texture": 2, "mean radius": 3.0}),
        ({"mean radius": 3.0, "mean texture": None}, {"mean radius": 3.0, "mean texture": float("nan")}),
        ({"mean radius": 3.0, "mean texture": None}, {"mean radius": 3.0}),
    ],
    ids=["whole", "NaN", "left out"],
)
def test_however_a_protocol_reads_a_row_it_is_about_the_same_person(
    store: Store, one: dict[str, Any], other: dict[str, Any]
) -> None:
    champion = put_version(store, 1)
    assert find_entity(None, [one], champion) == find_entity(None, [other], champion)
    assert find_entity(None, [one], champion) != find_entity(None, [{**one, "mean radius": 4.0}], champion)


def test_positions_are_even_and_each_canary_has_its_own() -> None:
    entities = [str(number).encode() for number in range(10_000)]
    drawn = [draw_position(entity, "diagnosis", 2) for entity in entities]
    for share in (0.01, 0.1, 0.5, 0.9):
        chosen = sum(position < share for position in drawn)
        assert abs(chosen - share * 10_000) < 4 * (share * (1 - share) * 10_000) ** 0.5
    others = [draw_position(entity, "diagnosis", 3) for entity in entities]
    both = sum(mine < 0.1 and other < 0.1 for mine, other in zip(drawn, others, strict=True))
    assert 60 < both < 140, "as of independent draws"


def test_a_canary_ends_for_the_server_with_the_move_of_its_champion(store: Store, api: Api) -> None:
    steeper(store, 2)
    steeper(store, 3)
    start(store)
    poll(api)
    assert 2 in versions(api, PEOPLE[:50])
    # As by a process that died before it withdrew the canary.
    promote(store, 3)
    api.models.champion("diagnosis").poll()
    api.printed()
    assert set(versions(api, PEOPLE[:50])) == {3}
    assert all("challenger_version" not in record for record in records(api))
    (told,) = api.ask("GET", "/health").json["models"]
    assert told["challenger"] == {"version": 2, "share": 0.0, "fault": None}


def test_a_rollback_during_a_canary_reaches_everybody(store: Store, api: Api) -> None:
    steeper(store, 2)
    steeper(store, 3)
    aliases = Aliases(store, "diagnosis")
    promote_version(Versions(store, "diagnosis"), aliases, 2, by="test", why="better")
    start(store, 3)
    poll(api)
    assert set(versions(api, PEOPLE[:50])) == {2, 3}
    roll_back(Versions(store, "diagnosis"), aliases, by="test", why="no")
    poll(api)
    assert set(versions(api, PEOPLE[:50])) == {1}


@pytest.mark.usefixtures("canary")
def test_a_stopped_canary_answers_nobody(store: Store, api: Api) -> None:
    stop_canary(Aliases(store, "diagnosis"), by="test", why="no")
    poll(api)
    assert set(versions(api, PEOPLE[:50])) == {1}


def test_after_its_time_a_canary_is_a_shadow(store: Store, api: Api) -> None:
    steeper(store, 2)
    long_ago = Aliases(store, "diagnosis", lambda: datetime.now(UTC) - timedelta(days=8))
    plan = CanaryPlan(share=0.9, lasts=timedelta(days=7))
    start_canary(Versions(store, "diagnosis"), long_ago, 2, plan, by="test", why="tried")
    poll(api)
    assert set(versions(api, PEOPLE[:50])) == {1}
    assert {record["challenger_version"] for record in records(api)} == {2}


def test_an_answer_for_a_canary_that_failed_says_so(store: Store, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    steeper(store, 2)
    start(store, share=0.5)
    poll(api)
    monkeypatch.setattr(api.models.challenger("diagnosis").scorer, "inputs", None)
    api.printed()
    assert set(versions(api, PEOPLE[:60])) == {1}
    roles = [record["role"] for record in records(api)]
    assert set(roles) == {"champion", "fallback"}
    assert 15 < roles.count("fallback") < 45


def test_a_canary_whose_version_is_gone_harms_nobody(store: Store, api: Api) -> None:
    put_version(store, 2, graph=linear_graph(2), golden_rows=golden(2))
    aliases = Aliases(store, "diagnosis")
    start(store)
    aliases.move(CHALLENGER, 9, by="test", why="gone", seen=aliases.find(CHALLENGER), share=0.5)
    poll(api)
    assert set(versions(api, PEOPLE[:20])) == {1}
    assert "has no version 9" in (api.models.challenger("diagnosis").fault or "")
