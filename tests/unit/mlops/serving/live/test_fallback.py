"""Where the champion can't be used, a former one answers that nobody took back, or none; logs and health report it."""

from collections.abc import Callable
from datetime import timedelta

import obstore
import pytest

from mlops.registry.aliases import Aliases
from mlops.registry.canary import CanaryPlan, start_canary, stop_canary
from mlops.registry.challenge import withdraw
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from tests.unit.mlops.serving.artifacts import challenge_with, go_back, promote, put_version, steeper
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.serving.recommend.shop import SHOP, put_shop

ROW = {"mean radius": 3.0, "mean texture": 2.0}


@pytest.fixture(autouse=True)
def three_versions(store: Store) -> None:
    for number in (1, 2, 3):
        put_version(store, number)


def damage(store: Store, number: int, model: str = "diagnosis") -> None:
    obstore.put(store, f"{model}/versions/{number}/manifest.json", b"{")


def fault(api: Api) -> str:
    text: str = api.ask("GET", "/health").json["models"][0]["fault"]
    return text


def reports(api: Api) -> list[tuple[str, int, int | None]]:
    """The lines that report who answers for the champion: the message, the champion and who answers."""
    lines = [line for line in api.printed() if "champion" in line and line.get("level") == "ERROR"]
    return [(line["message"], line["champion"], line.get("answers")) for line in lines]


def test_a_start_passes_over_the_version_that_was_rolled_back_from(store: Store, open_api: Callable[..., Api]) -> None:
    promote(store, 1)
    promote(store, 2)
    go_back(store, 1)
    promote(store, 3)
    damage(store, 3)
    api = open_api()
    assert api.predict(ROW).json["version"] == 1
    health = api.ask("GET", "/health")
    assert (health.status, health.json["status"]) == (200, "degraded")
    assert "version 1 answers instead; version 2 may not: it was taken back by a rollback" in fault(api)
    assert reports(api) == [("former champion answers", 3, 1)]


def test_a_start_after_a_rollback_to_a_damaged_version_answers_503_not_the_version_that_was_left(
    store: Store, open_api: Callable[..., Api]
) -> None:
    promote(store, 1)
    promote(store, 2)
    go_back(store, 1)
    damage(store, 1)
    api = open_api(follow_seconds=0)
    for _ in range(2):
        answer = api.predict(ROW)
        assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
        assert "no version answers instead; version 2 may not: it was taken back by a rollback" in answer.json["detail"]
    assert api.ask("GET", "/health").status == 503
    assert reports(api) == [("no version answers", 1, None)]
    promote(store, 3)
    assert api.predict(ROW).json["version"] == 3


def test_a_running_process_stops_answering_with_the_version_that_is_rolled_back_from(store: Store, api: Api) -> None:
    steeper(store, 4)
    promote(store, 4)
    api.poll()
    assert api.predict(ROW).json["version"] == 4
    damage(store, 1)
    go_back(store, 1)
    api.poll()
    assert api.predict(ROW).status == 503
    assert "version 4 may not" in fault(api)


def test_a_running_process_keeps_the_former_champion_that_nobody_took_back(store: Store, api: Api) -> None:
    promote(store, 2)
    damage(store, 2)
    for _ in range(2):
        api.poll()
        assert api.predict(ROW).json["version"] == 1
    assert "version 1 answers instead" in fault(api)
    assert reports(api) == [("former champion answers", 2, 1)]


def test_a_running_process_that_missed_a_champion_keeps_what_it_serves(store: Store, api: Api) -> None:
    promote(store, 3)
    promote(store, 2)
    damage(store, 2)
    api.poll()
    assert api.predict(ROW).json["version"] == 1


def test_at_a_start_the_latest_former_champion_that_loads_answers(store: Store, open_api: Callable[..., Api]) -> None:
    for number in (1, 2, 3):
        promote(store, number)
    damage(store, 3)
    assert open_api().predict(ROW).json["version"] == 2
    damage(store, 2)
    assert open_api().predict(ROW).json["version"] == 1


def test_a_former_champion_that_was_withdrawn_as_challenger_does_not_answer(
    store: Store, open_api: Callable[..., Api]
) -> None:
    promote(store, 1)
    promote(store, 2)
    challenge_with(store, 1)
    withdraw(Aliases(store, "diagnosis"), by="test", why="it is worse")
    damage(store, 2)
    api = open_api()
    assert "version 1 may not: it was withdrawn as challenger" in api.predict(ROW).json["detail"]


def test_a_canary_and_one_that_was_withdrawn_answer_nothing_for_a_damaged_champion(
    store: Store, open_api: Callable[..., Api]
) -> None:
    aliases = Aliases(store, "diagnosis")
    promote(store, 1)
    promote(store, 2)
    plan = CanaryPlan(share=0.99, lasts=timedelta(days=7))
    start_canary(Versions(store, "diagnosis"), aliases, 3, plan, by="test", why="tried")
    damage(store, 2)
    api = open_api(follow_seconds=0)
    for is_stopped in (False, True):
        if is_stopped:
            stop_canary(aliases, by="test", why="it is worse")
        api.models.challenger("diagnosis").poll()
        assert {api.predict(ROW | {"mean radius": float(number)}).json["version"] for number in range(20)} == {1}
    damage(store, 1)
    assert open_api().predict(ROW).status == 503


def test_nobody_answers_where_the_record_of_withdrawals_is_damaged(store: Store, open_api: Callable[..., Api]) -> None:
    promote(store, 1)
    promote(store, 2)
    damage(store, 2)
    obstore.put(store, "diagnosis/aliases/challenger.json", b"{")
    answer = open_api().predict(ROW)
    assert answer.status == 503
    assert "version 1 may not: The challenger of 'diagnosis' can't be read" in answer.json["detail"]


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_a_recommender_falls_back_by_the_same_rule(
    store: Store, open_api: Callable[..., Api], *, is_taken_back: bool
) -> None:
    for number in (1, 2):
        put_shop(store, number)
    damaged = 2
    if is_taken_back:
        go_back(store, 1, SHOP)
        damaged = 1
    damage(store, damaged, SHOP)
    api = open_api(default_model=SHOP)
    answer = api.recommend(user="ann")
    assert (answer.status, answer.json.get("version")) == ((503, None) if is_taken_back else (200, 1))
    assert reports(api)[0][1:] == (damaged, None if is_taken_back else 1)
