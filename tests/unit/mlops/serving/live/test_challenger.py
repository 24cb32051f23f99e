"""The challenger is scored next to the champion, and nothing that goes wrong with it reaches an answer."""

import json
from typing import Any

import pytest

from mlops.contract import Column
from mlops.registry.aliases import Aliases
from mlops.registry.challenge import withdraw
from mlops.registry.store import Store
from mlops.serving.live.challenger import ChallengerFollower
from tests.unit.mlops.serving.artifacts import (
    CONTRACT,
    challenge_with,
    linear_graph,
    probability,
    put_version,
    steeper,
)
from tests.unit.mlops.serving.harness import Api

ROW = {"mean radius": 3.0, "mean texture": 2.0}


def poll(api: Api) -> ChallengerFollower:
    follower = api.models.challenger("diagnosis")
    follower.poll()
    return follower


def records(api: Api) -> list[dict[str, Any]]:
    return [line for line in api.printed() if line.get("record") == "prediction"]


def metric(lines: list[dict[str, Any]], name: str) -> list[float]:
    return [line[name] for line in lines if name in line and "_aws" in line]


def test_a_challenger_is_scored_in_the_shadow_and_logged_but_never_returned(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2)
    poll(api)
    answer = api.predict(ROW).json
    assert answer["version"] == 1
    assert answer["predictions"][0]["probabilities"]["malignant"] == pytest.approx(probability(ROW))
    assert "challenger" not in json.dumps(answer)
    lines = api.printed()
    (record,) = [line for line in lines if line.get("record") == "prediction"]
    assert (record["model_version"], record["role"]) == (1, "champion")
    assert (record["challenger_version"], record["challenger_label"]) == (2, "malignant")
    assert record["challenger_probability"] == pytest.approx(probability(ROW, slope=2))
    assert metric(lines, "ChallengerPredictions") == [1]
    assert metric(lines, "ChallengerDisagreements") == [0]
    assert metric(lines, "ChallengerLatency")[0] > 0


def test_disagreements_are_counted(store: Store, api: Api) -> None:
    put_version(store, 2, threshold=0.99)
    challenge_with(store, 2)
    poll(api)
    api.predict(ROW)
    assert metric(api.printed(), "ChallengerDisagreements") == [1]


def test_without_a_challenger_records_say_nothing_of_one(api: Api) -> None:
    poll(api)
    api.predict(ROW)
    (record,) = records(api)
    assert not [name for name in record if name.startswith("challenger")]


def test_a_share_of_the_requests_is_answered_by_the_challenger_and_the_answer_says_so(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=0.25)
    poll(api)
    versions = [api.predict(ROW).json["version"] for _ in range(400)]
    assert set(versions) == {1, 2}
    assert 60 <= versions.count(2) <= 140, "a binomial draw lies outside once in ten thousand times"
    roles = {(record["model_version"], record["role"]) for record in records(api)}
    assert roles == {(1, "champion"), (2, "challenger")}


def test_a_version_that_is_asked_for_is_nobodys_contest(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=1.0)
    poll(api)
    assert api.predict(ROW, path="/models/diagnosis/versions/1/predict").json["version"] == 1
    (record,) = records(api)
    assert record["role"] == "requested"
    assert "challenger_version" not in record
    assert api.predict(ROW).json["version"] == 2


def test_all_protocols_give_the_challenger_its_share(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=1.0)
    poll(api)
    inputs = [{"name": name, "datatype": "FP64", "shape": [1], "data": [cell]} for name, cell in ROW.items()]
    inferred = api.ask("POST", "/v2/models/diagnosis/infer", json.dumps({"inputs": inputs})).json
    frame = json.dumps({"inputs": ROW})
    invoked = api.ask("POST", "/invocations", frame, content_type="application/json").json
    assert (inferred["model_version"], invoked["version"]) == ("2", 2)


def test_a_challenger_that_fails_harms_no_answer_and_is_told_once_and_counted_each_time(
    store: Store, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=0.5)
    broken = poll(api).scorer
    assert broken
    monkeypatch.setattr(broken, "inputs", None)
    answers = [api.predict(ROW) for _ in range(20)]
    assert {(answer.status, answer.json["version"]) for answer in answers} == {(200, 1)}
    lines = api.printed()
    (told,) = [line for line in lines if line.get("message") == "challenger failed"]
    assert (told["level"], told["model_version"]) == ("ERROR", 2)
    assert "TypeError" in told["reason"]
    assert len(metric(lines, "ChallengerFailed")) >= 20


def test_a_challenger_that_cant_be_used_is_none_and_says_why(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2)
    put_version(store, 3, graph=linear_graph(9))  # misses its golden rows
    poll(api)
    challenge_with(store, 3)
    follower = poll(api)
    assert follower.scorer is None
    assert "misses its golden rows" in (follower.fault or "")
    assert api.predict(ROW).status == 200
    (told,) = api.ask("GET", "/health").json["models"]
    assert (told["challenger"]["version"], told["fault"]) == (None, None)
    assert "golden rows" in told["challenger"]["fault"]
    assert [line["model_version"] for line in api.printed() if line.get("record") == "refusal"] == [3]


def test_health_tells_the_challenger_and_its_share(store: Store, api: Api) -> None:
    assert "challenger" not in api.ask("GET", "/health").json["models"][0]
    steeper(store, 2)
    challenge_with(store, 2, share=0.1)
    poll(api)
    (told,) = api.ask("GET", "/health").json["models"]
    assert told["challenger"] == {"version": 2, "share": 0.1, "fault": None}


def test_a_withdrawn_challenger_is_scored_no_more(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=1.0)
    assert poll(api).scorer
    withdraw(Aliases(store, "diagnosis"), by="test", why="enough")
    follower = poll(api)
    assert (follower.scorer, follower.share) == (None, 0.0)
    assert api.predict(ROW).json["version"] == 1
    challenge_with(store, 2, share=1.0)
    poll(api)
    assert api.predict(ROW).json["version"] == 2


def test_a_request_finds_a_new_challenger_without_waiting_for_it(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=1.0)
    for _ in range(200):
        if api.predict(ROW).json["version"] == 2:
            return
    pytest.fail("no request started a look at the challenger")


def test_a_challenger_with_fewer_columns_shadows_but_answers_nothing(store: Store, api: Api) -> None:
    contract = CONTRACT.model_copy(update={"columns": (*CONTRACT.columns[:1], Column(name="depth", required=False))})
    golden = json.dumps({"rows": [{"mean radius": 0.0, "depth": 0.0}], "probabilities": [[0.5, 0.5]]}).encode()
    put_version(store, 2, contract=contract, golden_rows=golden)
    challenge_with(store, 2, share=1.0)
    poll(api)
    answer = api.predict({"mean radius": 3.0, "mean texture": 0.0})
    assert answer.json["version"] == 1
    failed = [line for line in api.printed() if line.get("message") == "challenger failed"]
    # The graph gives NaN where a column is missing.
    assert "ArithmeticError" in failed[0]["reason"]
