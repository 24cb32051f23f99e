"""The challenger is scored beside the champion, and nothing that goes wrong with it reaches an answer."""

import json
from itertools import chain, repeat
from typing import Any

import pytest

from mlops.contract import Column
from mlops.registry.aliases import Aliases
from mlops.registry.challenge import withdraw
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.live.challenger import ChallengerFollower, Contest, draw
from mlops.serving.scorer import Scorer
from tests.unit.mlops.serving.artifacts import (
    CONTRACT,
    ROWS,
    challenge_with,
    linear_graph,
    probability,
    put_version,
    steeper,
)
from tests.unit.mlops.serving.fakes import Diary
from tests.unit.mlops.serving.harness import Api

ROW = {"mean radius": 3.0, "mean texture": 2.0}


def look(api: Api) -> ChallengerFollower:
    follower = api.champions.challenger("diagnosis")
    follower.look()
    return follower


def records(api: Api) -> list[dict[str, Any]]:
    return [line for line in api.printed() if line.get("record") == "prediction"]


def metric(lines: list[dict[str, Any]], name: str) -> list[float]:
    return [line[name] for line in lines if name in line and "_aws" in line]


def test_a_challenger_is_scored_in_the_shadow_and_logged_but_never_returned(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2)
    look(api)
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
    look(api)
    api.predict(ROW)
    assert metric(api.printed(), "ChallengerDisagreements") == [1]


def test_without_a_challenger_records_say_nothing_of_one(api: Api) -> None:
    look(api)
    api.predict(ROW)
    (record,) = records(api)
    assert not [name for name in record if name.startswith("challenger")]


def test_a_share_of_the_requests_is_answered_by_the_challenger_and_the_answer_says_so(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=0.25)
    look(api)
    versions = [api.predict(ROW).json["version"] for _ in range(400)]
    assert set(versions) == {1, 2}
    assert 60 <= versions.count(2) <= 140, "a binomial draw lies outside once in ten thousand times"
    roles = {(record["model_version"], record["role"]) for record in records(api)}
    assert roles == {(1, "champion"), (2, "challenger")}


def test_a_version_that_is_asked_for_is_nobodys_contest(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=1.0)
    look(api)
    assert api.predict(ROW, path="/models/diagnosis/versions/1/predict").json["version"] == 1
    (record,) = records(api)
    assert record["role"] == "requested"
    assert "challenger_version" not in record
    assert api.predict(ROW).json["version"] == 2


def test_all_protocols_give_the_challenger_its_share(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=1.0)
    look(api)
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
    broken = look(api).scorer
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
    look(api)
    challenge_with(store, 3)
    follower = look(api)
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
    look(api)
    (told,) = api.ask("GET", "/health").json["models"]
    assert told["challenger"] == {"version": 2, "share": 0.1, "fault": None}


def test_a_withdrawn_challenger_is_scored_no_more(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2, share=1.0)
    assert look(api).scorer
    withdraw(Aliases(store, "diagnosis"), by="test", why="enough")
    follower = look(api)
    assert (follower.scorer, follower.share) == (None, 0.0)
    assert api.predict(ROW).json["version"] == 1
    challenge_with(store, 2, share=1.0)
    look(api)
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
    look(api)
    answer = api.predict({"mean radius": 3.0, "mean texture": 0.0})
    assert answer.json["version"] == 1
    failed = [line for line in api.printed() if line.get("message") == "challenger failed"]
    # The graph gives NaN where a column is missing.
    assert "ArithmeticError" in failed[0]["reason"]


class Ring(Diary):
    def challenger_failed(self, model: str, version: int, reason: str, *, news: bool) -> None:
        self.told.append(("failed", version, reason, news))


class Clock:
    """Each reading takes so long, in seconds."""

    def __init__(self, step: float) -> None:
        self.step = step
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def contest(store: Store, step: float, *draws: float) -> tuple[Contest, Scorer, ChallengerFollower]:
    """A contest with 2 ms to spare, where each scoring by the challenger takes `step` seconds."""
    put_version(store, 1)
    steeper(store, 2)
    challenge_with(store, 2)
    follower = ChallengerFollower(store, "diagnosis", Diary(), max_rows=100, every=3.0)
    follower.look()
    numbers = chain(draws, repeat(0.99))
    champion = Scorer.load(Versions(store, "diagnosis"), 1, 100)
    return Contest(Ring(), 2.0, lambda: next(numbers), Clock(step)), champion, follower


def shadowed(parts: tuple[Contest, Scorer, ChallengerFollower], rows: int) -> int:
    judge, champion, follower = parts
    asked = (ROWS * 10)[:rows]
    shadow = judge.shadow(judge.score(champion, follower, asked), follower, asked)
    return shadow.rows if shadow else 0


def test_of_many_rows_as_many_are_scored_as_there_is_time_for(store: Store) -> None:
    parts = contest(store, 1e-4)
    assert shadowed(parts, 100) == 1, "what a row costs isn't known yet"
    assert shadowed(parts, 100) == 20
    assert shadowed(parts, 100) > 20, "twenty rows took no longer than one"
    assert shadowed(parts, 3) == 3


def test_of_a_challenger_that_is_too_slow_only_some_requests_wait(store: Store) -> None:
    parts = contest(store, 8e-3, 0.3, 0.24, 0.26)  # a row costs four times the budget
    assert [shadowed(parts, 10) for _ in range(4)] == [1, 0, 1, 0]


def test_a_budget_of_nothing_scores_nothing(store: Store) -> None:
    _, champion, follower = contest(store, 1e-4)
    judge = Contest(Ring(), 0.0, lambda: 0.0, Clock(1e-4))
    assert [shadowed((judge, champion, follower), 5) for _ in range(3)] == [0, 0, 0]


def test_draws_lie_between_0_and_1_and_differ() -> None:
    drawn = [draw() for _ in range(1000)]
    assert all(0 <= number < 1 for number in drawn)
    assert len(set(drawn)) == 1000
    assert 0.4 < sum(drawn) / 1000 < 0.6
