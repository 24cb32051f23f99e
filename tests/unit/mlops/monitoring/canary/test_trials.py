"""Canaries from their records to their end, as runs of monitoring find them."""

import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import obstore
import pytest

from mlops.contract import Target
from mlops.monitoring.archive import Archive
from mlops.monitoring.canary.losses import Loss
from mlops.monitoring.canary_facts import CanaryFacts
from mlops.monitoring.incident import Retraining
from mlops.monitoring.state import States
from mlops.records.layout import day_prefix
from mlops.records.truths import Truth
from mlops.records.write import put_once
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases
from mlops.registry.canary import CanaryPlan, start_canary, stop_canary
from mlops.registry.promotion import promote_version, roll_back
from mlops.registry.versions import Versions
from mlops.spec.delivery import Delivery
from tests.unit.mlops.monitoring.world import (
    FIRST,
    MODEL,
    World,
    after,
    estimated,
    make_id,
    put_records,
    put_truths,
    version,
    well,
    worse,
)
from tests.unit.mlops.samples import make_spec

START = FIRST + timedelta(hours=1)
LASTS = timedelta(days=3)
HOUR = timedelta(hours=1)
SHARE = 0.1


class Canary:
    """A world in which version 2 is tried; each hour has its own rows, of which so many are answered wrongly."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.add_version(2, START)
        self.rng = np.random.default_rng(5)
        self.hours = 0
        self.start(2)

    @property
    def aliases(self) -> Aliases:
        return Aliases(self.world.registry, MODEL, lambda: self.world.clock)

    @property
    def versions(self) -> Versions:
        return Versions(self.world.registry, MODEL)

    def start(self, number: int, lasts: timedelta = LASTS) -> Alias:
        self.world.clock = START
        plan = CanaryPlan(share=SHARE, lasts=lasts)
        return start_canary(self.versions, self.aliases, number, plan, by="ann", why="a new forest")

    def serve(self, rows: int, *, champion: float, challenger: float, **how: Any) -> None:
        """An hour of requests; of so many shares of their rows the two versions are wrong about."""
        began = START + self.hours * HOUR + timedelta(minutes=1)
        self.hours += 1
        lines, truths = [*self._answer(rows, began, champion, challenger, **how)], []
        put_records(self.world.records, [line for line, _ in lines], began)
        truths = [Truth(line["prediction_id"], truth, began + timedelta(minutes=1)) for line, truth in lines if truth]
        if truths:
            put_truths(self.world.records, truths, began + timedelta(minutes=20))

    def _answer(
        self,
        rows: int,
        began: datetime,
        champion: float,
        challenger: float,
        *,
        truth: bool = True,
        shadow: bool = True,
        failing: float = 0.0,
        slower: float = 1.0,
        lengths: Sequence[float] | None = None,
    ) -> Iterator[tuple[dict[str, Any], str | None]]:
        for row in range(rows):
            right = "long" if self.rng.random() < 0.5 else "short"
            wrong = "short" if right == "long" else "long"
            labels = [wrong if self.rng.random() < share else right for share in (champion, challenger)]
            theirs = self.rng.random() < SHARE
            failed = theirs and self.rng.random() < failing
            answers = theirs and not failed
            moment = began + timedelta(milliseconds=row)
            line = {
                "record": "prediction",
                "model": MODEL,
                "timestamp": moment.isoformat(timespec="milliseconds"),
                "prediction_id": make_id(moment, self.hours * 100_000 + row * 7),
                "model_version": 2 if answers else 1,
                "role": "challenger" if answers else "fallback" if failed else "champion",
                "latency_ms": float(self.rng.lognormal(2, 0.3)) * (slower if answers else 1),
                "label": labels[answers],
                "probability": 0.8,
                "probabilities": {labels[answers]: 0.8, "long" if labels[answers] == "short" else "short": 0.2},
                "inputs": {
                    "length": lengths[row % len(lengths)] if lengths else float(self.rng.uniform(0, 100)),
                    "width": 10.0,
                },
            }
            if shadow and not theirs:
                line |= {"challenger_version": 2, "challenger_label": labels[1], "challenger_probability": 0.8}
            yield line, right if truth else None

    def look(self, hours: float | None = None) -> None:
        """A run some minutes after the last hour, or after so many hours."""
        self.world.run(START + (self.hours if hours is None else hours) * HOUR + timedelta(minutes=30))

    def facts(self) -> CanaryFacts:
        found = Archive(self.world.records).read_canary(MODEL, 2, START)
        assert found
        return found

    def end(self) -> tuple[str, str]:
        alias = self.aliases.find(CHALLENGER)
        assert alias
        return alias.history[-1].action, alias.history[-1].why

    def champion(self) -> int:
        alias = self.aliases.find(CHAMPION)
        assert alias
        return alias.version

    def news(self) -> list[str]:
        return [name.removeprefix("Model canary ") for name in self.world.announcer.events if "canary" in name]


@pytest.fixture
def canary() -> Canary:
    return Canary(World())


def test_a_better_version_becomes_champion_by_its_pairs(canary: Canary) -> None:
    canary.serve(500, champion=0.2, challenger=0.1)
    canary.serve(500, champion=0.2, challenger=0.1)
    canary.look()
    action, why = canary.end()
    assert (action, canary.champion()) == ("acceptance", 2)
    assert why.startswith("it isn't worse by 0.01 or more: its mean loss minus the champion's is -0.")
    alias = canary.aliases.find(CHAMPION)
    assert alias
    assert (alias.history[-1].by, alias.history[-1].why) == ("monitoring", why)
    facts = canary.facts()
    assert (facts.loss, facts.outcome, facts.version, facts.against) == ("misses", "promote", 2, 1)
    assert facts.pairs + facts.requests == 1000
    assert 60 < facts.requests < 140
    assert canary.news() == ["started", "promoted"]
    assert canary.world.registry_mirror.champions == [2]


def test_a_worse_version_is_withdrawn_and_people_are_told_once(canary: Canary) -> None:
    canary.serve(500, champion=0.1, challenger=0.25)
    canary.look()
    assert canary.end()[0] == "withdrawal"
    assert canary.end()[1].startswith("it's worse: its mean loss")
    assert canary.champion() == 1
    (message,) = canary.world.announcer.messages
    assert message.subject == "leaves: version 2 is withdrawn after its canary"
    assert message.text
    assert canary.end()[1] in message.text
    assert "scripts/mlops models canary status leaves" in message.text
    for _ in range(2):
        canary.look()
    assert canary.news() == ["started", "withdrawn"]
    assert len(canary.world.announcer.messages) == 1
    assert canary.world.registry_mirror.champions == []


def test_low_traffic_is_undecided_until_the_end_and_then_withdrawn_with_the_reason(canary: Canary) -> None:
    canary.serve(20, champion=0.1, challenger=0.1)
    canary.look()
    assert canary.facts().outcome is None
    assert canary.end() == ("promotion", "a new forest")
    canary.look(71.7)
    assert canary.end()[0] == "promotion", "the last records are still on their way"
    canary.look(73)
    action, why = canary.end()
    assert action == "withdrawal"
    assert why.startswith("its time is up, and nothing is decided: its mean loss minus the champion's is")
    assert "of 50 requests it needs it had" in why


def test_the_spec_says_what_becomes_of_an_undecided_one() -> None:
    canary = Canary(World(make_spec(delivery=Delivery(undecided="promote"))))
    canary.serve(20, champion=0.1, challenger=0.1)
    canary.look(74)
    assert (canary.end()[0], canary.champion()) == ("acceptance", 2)


def test_whoever_starts_a_canary_may_say_it_too() -> None:
    world = World()
    canary = Canary(world)
    stop_canary(canary.aliases, by="ann", why="once more")
    plan = CanaryPlan(share=SHARE, lasts=LASTS, undecided="promote")
    start_canary(canary.versions, canary.aliases, 2, plan, by="ann", why="again")
    canary.look(74)
    assert canary.champion() == 2


def test_without_shadow_the_answers_of_different_rows_decide(canary: Canary) -> None:
    for _ in range(4):
        canary.serve(1500, champion=0.05, challenger=0.4, shadow=False)
    canary.look()
    assert canary.facts().pairs == 0
    assert canary.facts().unpaired > 300
    assert canary.end()[1].startswith("it's worse")


def test_the_same_row_counts_once(canary: Canary) -> None:
    canary.serve(600, champion=0.1, challenger=0.6, lengths=[1.0, 2.0, 3.0])
    canary.look()
    assert canary.facts().pairs == 3
    assert canary.facts().outcome is None


def test_records_that_come_twice_count_once(canary: Canary) -> None:
    canary.serve(100, champion=0.1, challenger=0.1)
    prefix = day_prefix("prediction", MODEL, START.date())
    (first,) = [key for key in keys(canary) if key.startswith(prefix)]
    put_once(canary.world.records, f"{prefix}again.json.gz", read(canary, first))
    canary.look()
    facts = canary.facts()
    assert facts.requests + facts.champion_requests == 100


def test_a_version_that_fails_is_withdrawn_without_any_truth(canary: Canary) -> None:
    canary.serve(400, champion=0.1, challenger=0.1, truth=False, failing=0.5)
    canary.look()
    assert canary.end()[1].startswith("it failed to answer")
    assert canary.facts().failed > 5


def test_a_slow_version_is_withdrawn(canary: Canary) -> None:
    canary.serve(1500, champion=0.1, challenger=0.1, truth=False, slower=5)
    canary.look()
    assert canary.end()[1].startswith("it's slower")


def test_a_version_that_an_instance_refused_is_withdrawn(canary: Canary) -> None:
    line = {
        "record": "refusal",
        "message": "model version refused",
        "model": MODEL,
        "model_version": 2,
        "timestamp": (START + timedelta(minutes=2)).isoformat(),
        "reason": "it misses its golden rows",
    }
    lines = [line, {**line, "model_version": 1}]
    content = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    put_once(canary.world.records, f"{day_prefix('refusal', MODEL, START.date())}a.json.gz", gzip.compress(content))
    canary.look(0)
    assert canary.end() == ("withdrawal", "instances can't use it: it misses its golden rows")


def test_a_version_that_is_gone_is_withdrawn(canary: Canary) -> None:
    for key in [key for key in keys(canary, registry=True) if "/versions/2/" in key]:
        canary.world.registry.delete(key)
    canary.look(0)
    assert canary.end()[0] == "withdrawal"
    assert "it can't be compared" in canary.end()[1]
    assert canary.champion() == 1


def test_a_rollback_during_a_canary_ends_it_and_is_announced(canary: Canary) -> None:
    canary.look(0)
    canary.world.add_version(3, START)
    promote_version(canary.versions, canary.aliases, 3, by="bob", why="urgent")
    roll_back(canary.versions, canary.aliases, by="bob", why="no")
    canary.look(1)
    assert "the champion was moved from version 1 to version 3: promotion by bob, urgent" in canary.end()[1]
    assert canary.news() == ["started", "withdrawn"]
    assert canary.champion() == 1


def test_a_person_may_promote_it_at_once(canary: Canary) -> None:
    canary.look(0)
    promote_version(canary.versions, canary.aliases, 2, by="bob", why="sure")
    canary.look(1)
    assert canary.news() == ["started", "promoted"]


def test_two_canaries_between_two_runs_are_both_announced(canary: Canary) -> None:
    stop_canary(canary.aliases, by="ann", why="no")
    canary.start(2)
    canary.look(0)
    assert canary.news() == ["started", "withdrawn", "started"]


def test_a_promotion_that_mlflow_missed_is_registered_and_announced_by_the_next_run(canary: Canary) -> None:
    canary.serve(500, champion=0.3, challenger=0.05)
    canary.world.registry_mirror.away = True
    with pytest.raises(ExceptionGroup):
        canary.look()
    assert canary.champion() == 2
    canary.world.registry_mirror.away = False
    canary.look()
    assert canary.world.registry_mirror.champions == [2]
    assert canary.news() == ["started", "promoted"]


def test_the_same_run_again_changes_nothing(canary: Canary) -> None:
    canary.serve(100, champion=0.1, challenger=0.1)
    canary.look()
    before = {key: read(canary, key) for key in keys(canary)}
    canary.look()
    assert {key: read(canary, key) for key in keys(canary)} == before


def test_without_truth_the_estimates_of_both_decide_at_the_end(canary: Canary) -> None:
    for _ in range(3):
        canary.serve(400, champion=0.1, challenger=0.1, truth=False)
    canary.world.script(2, version(1, estimated=estimated(0.9, 0.01)), version(2, estimated=estimated(0.95, 0.01)))
    canary.world.run(after(2))
    assert canary.end()[0] == "promotion"
    canary.look(100)
    assert canary.end()[1].startswith("it isn't worse by 0.01 or more: no truth came, and its estimated accuracy")
    assert canary.champion() == 2


def test_the_incident_whose_version_is_withdrawn_is_a_dead_end() -> None:
    world = World()
    world.script(0, well())
    world.script(1, worse(1))
    world.run(after(1))
    incident = world.incident.model_copy(
        update={"status": "retraining", "retraining": Retraining(key="k", outcome="canary", version=2)}
    )
    States(world.records).update(MODEL, lambda state: state.model_copy(update={"incident": incident}))
    tried = Canary(world)
    stop_canary(tried.aliases, by="ann", why="no")
    world.run(after(1) + HOUR)
    assert world.incident.status == "dead end"
    assert world.steps[-1] == "dead end: version 2 was withdrawn after its canary: no"


def test_regressions_without_held_out_rows_are_compared_by_who_is_further_off() -> None:
    contract = make_spec().contract.model_copy(update={"target": Target(name="price", task="regression")})
    loss = Loss.choose(contract, "rmse", 0.05, None)
    assert loss.name == "further off"
    truth = np.array([1.0, 1.0, 1.0])
    mine, other = (loss.of_values(np.array(values), truth) for values in ([1.0, 3.0, 2.0], [2.0, 1.0, 2.0]))
    assert loss.difference(mine, other).tolist() == [-1, 1, 0]


def keys(canary: Canary, *, registry: bool = False) -> list[str]:
    store = canary.world.registry if registry else canary.world.records
    return sorted(each["path"] for page in obstore.list(store) for each in page)


def read(canary: Canary, key: str) -> bytes:
    return bytes(obstore.get(canary.world.records, key).bytes())
