"""The seven tests of monitoring in "The ML Test Score" (E. Breck and others, 2017), each by its name.

Each asks the parts that do it in production: the looks at records, the rules of incidents, the API, the template.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from obstore.store import MemoryStore

from localaws.template.load import load
from mlops.contract import Target
from mlops.errors.data import DatasetRejected
from mlops.monitoring.facts import VersionFacts
from mlops.monitoring.incidents.champion import Champion
from mlops.monitoring.incidents.rules import after_day
from mlops.monitoring.state import MonitoringState
from mlops.monitoring.windows.latency import TOLERANCE
from mlops.monitoring.windows.monitor import Look, State
from mlops.records.window import Window
from mlops.registry.aliases import Move
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer
from mlops.spec.monitoring import Monitoring
from tests.unit.mlops.monitoring.windows.conftest import churn_registry
from tests.unit.mlops.monitoring.windows.world import CHURN, MONDAY, World, later
from tests.unit.mlops.serving.artifacts import CONTRACT, ROWS, put_version, sum_graph
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.training.fakes import Bench

__all__ = ["churn_registry"]

TEMPLATE = Path(__file__).parents[4] / "template.yaml"


@pytest.fixture
def world(churn_registry: Bench) -> World:
    return World(bench=churn_registry)


def only(look: Look) -> VersionFacts:
    (version,) = look.facts.versions
    return version


def pass_days(world: World, days: int, first: int = 0, state: State | None = None, **serve: Any) -> Iterator[Look]:
    """Days with traffic and the truth about it, looked at one after the other."""
    for number in range(first, first + days):
        ids = world.serve(later(number), **serve)
        world.tell(ids, later(number))
        look = world.look(later(number), state)
        state = look.state
        yield look


def last(looks: Iterator[Look]) -> Look:
    *_, look = looks
    return look


def test_monitoring_1_dependency_changes_result_in_notification(world: World) -> None:
    """A source that delivers another unit is announced, once, with the column and the day; a quiet one isn't."""
    manifest = world.versions.table(1)
    at = datetime.combine(MONDAY, datetime.min.time(), UTC)
    move = Move(version=1, previous=None, at=at, by="training", action="promotion", why="passed its gates")
    monitored, state = MonitoringState(model=CHURN.name), None

    def in_cents(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(spend=(table["spend"] / 100).round(4))

    for number in range(5):
        change = {"change": in_cents} if number >= 2 else {}
        look = next(pass_days(world, 1, first=number, state=state, **change))
        state = look.state
        end = Window.of_day(later(number)).end
        monitored = after_day(monitored, look.facts, end, Champion(manifest, move), Monitoring(retrain=False))
        drifts = [each for each in monitored.outbox if each.event == "Model drifted"]
        named = [column["column"] for each in drifts for column in each.detail["columns"]]
        assert ("spend" in named) == (number >= 2)
    first = next(each for each in drifts if "spend" in [column["column"] for column in each.detail["columns"]])
    assert first.detail["window"] == later(2).isoformat()
    assert "EUR" in next(each["sentence"] for each in first.detail["columns"] if each["column"] == "spend")
    assert [each.detail["window"] for each in drifts].count(later(2).isoformat()) == 1


def test_monitoring_2_data_invariants_hold_in_training_and_serving_inputs(
    world: World, open_api_on: Callable[..., Api]
) -> None:
    """One contract refuses the same value in a dataset and in a request, and monitoring counts the refusals by rule."""
    labels = ("no", "yes")
    table = "spend,plan,newsletter,since,customer,e-mail,churned\n" + "".join(
        f"{-5 if place == 7 else place},basic,true,2024-01-0{place % 9 + 1},c{place},m{place},{labels[place % 2]}\n"
        for place in range(200)
    )
    with pytest.raises(DatasetRejected) as refused:
        world.bench.train(table.encode(), CHURN)
    assert [(each.rule, each.column) for each in refused.value.violations] == [("minimum", "spend")]

    api = open_api_on(world.bench.store, default_model="churn", follow_seconds=0)
    row = {"spend": -5, "plan": "basic", "newsletter": True, "since": "2024-01-08", "customer": "c", "e-mail": "m"}
    answer = api.predict(row)
    assert answer.status == 422
    (record,) = [line for line in api.printed() if line.get("record") == "rejection"]
    assert {each["rule"] for each in record["violations"]} == {"minimum"}
    world.put(MONDAY, [{**record, "timestamp": f"{MONDAY}T12:00:00.000Z"}], "refused", kind="rejection")
    assert world.look(MONDAY).facts.refused == {"minimum": 1}


def test_monitoring_3_training_and_serving_are_not_skewed(world: World) -> None:
    """Traffic like the training rows shows no column as different; a column that serving fills differently is named."""
    alike = last(pass_days(world, 4))
    assert [column.column for column in only(alike).columns if column.drifted] == []

    def forget_plans(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(plan=table["plan"].where(table.index % 2 == 0, None))

    skewed = last(pass_days(world, 1, first=4, state=alike.state, change=forget_plans))
    found = {column.column: column for column in only(skewed).columns if column.drifted}
    assert "plan" in found
    assert found["plan"].missing > 0.4
    assert "missing" in str(found["plan"].sentence)


def test_monitoring_4_models_are_not_too_stale(world: World) -> None:
    """The age of a version is a fact of each day, and one beyond the spec's limit is called stale."""
    created = world.versions.table(1).created_at
    day = (created + timedelta(days=40)).date()
    for limit, stale in ((39, True), (60, False)):
        world.spec = replace(CHURN, monitoring=Monitoring(stale_days=limit))
        world.clear()
        world.serve(day)
        found = only(world.look(day))
        assert found.age_days == (Window.of_day(day).end - created).days == 40
        assert found.stale is stale
    assert Monitoring().stale_days <= 366


def test_monitoring_5_the_model_is_numerically_stable(world: World, open_api_on: Callable[..., Api]) -> None:
    """No infinity or NaN gets in or out: such inputs and answers are refused, and what failed is counted."""
    api = open_api_on(world.bench.store, default_model="churn", follow_seconds=0)
    row = {"plan": "basic", "newsletter": True, "since": "2024-01-08", "customer": "c", "e-mail": "m"}
    for number in ("NaN", "Infinity", "1e999"):
        body = json.dumps({"rows": [{"spend": 0, **row}]}).replace('"spend": 0', f'"spend": {number}')
        answer = api.ask("POST", "/predict", body, content_type="application/json")
        assert (answer.status, answer.json["errors"][0]["rule"]) == (422, "finite"), number
    contract = CONTRACT.model_copy(update={"target": Target(name="sum", task="regression")})
    store, golden = MemoryStore(), {"rows": ROWS, "values": [sum(row.values()) for row in ROWS]}
    put_version(store, 1, contract=contract, graph=sum_graph(2), golden_rows=json.dumps(golden).encode())
    overflowing = {"mean radius": 1.5e308, "mean texture": 1.5e308}  # whose sum is beyond double precision
    with pytest.raises(ArithmeticError, match="infinity or NaN"):
        Scorer.load(Versions(store, "diagnosis"), 1, max_rows=10).score([overflowing])
    failure = {"timestamp": f"{MONDAY}T12:00:00.000Z", "record": "failure", "model": "churn"}
    world.put(MONDAY, [failure, failure], "failed", kind="failure")
    assert world.look(MONDAY).facts.errors == 2


def test_monitoring_6_no_dramatic_or_slow_leak_regression_in_speed_latency_throughput_or_memory(world: World) -> None:
    """A latency that creeps up is found by a test over days, a steady one isn't; alarms watch the sharp changes."""
    steady = last(pass_days(world, 16))
    slowdown = only(steady).slowdown
    assert slowdown
    assert not slowdown.slower
    world.clear()
    state, found = None, None
    for number in range(24):
        world.serve(later(number), latency_ms=4 * 1.04**number)
        look = world.look(later(number), state)
        state, found = look.state, only(look).slowdown
        if found and found.slower:
            break
    assert found
    assert found.slower
    assert found.reference_p50 == pytest.approx(4 * 1.04**3, rel=0.02)
    assert 4 * 1.04**number < found.reference_p50 * TOLERANCE * 1.6
    resources: Any = load(TEMPLATE).body["Resources"]
    alarms = {name: each["Properties"] for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    assert alarms["ApiLatencyAlarm"]["ExtendedStatistic"] == "p99"
    stats = [
        each["MetricStat"]["Metric"]
        for alarm in alarms.values()
        for each in alarm.get("Metrics", ())
        if "MetricStat" in each
    ]
    watched = {each.get("MetricName") for each in (*alarms.values(), *stats)}
    assert {"OutOfMemory", "Throttles", "ApproximateAgeOfOldestMessage", "MonitoringCompleted"} <= watched
    # CodeDeploy watches the one of a release, takes the code back, and tells people itself.
    assert {name for name, each in alarms.items() if not each.get("AlarmActions")} == {"ReleaseErrorsAlarm"}


def test_monitoring_7_prediction_quality_on_served_data_has_not_regressed(world: World) -> None:
    """A relation that breaks raises the alarm of realised loss; quiet days don't."""
    quiet = last(pass_days(world, 4, rows=300))
    assert not any(loss.alarm for loss in only(quiet).losses)

    def flip(truth: list[str | float]) -> list[str | float]:
        return [{"yes": "no", "no": "yes"}[str(each)] if place % 2 else each for place, each in enumerate(truth)]

    broken = last(pass_days(world, 6, first=4, state=quiet.state, rows=300, truth=flip))
    (realised,) = [loss for loss in only(broken).losses if loss.basis == "realised"]
    assert realised.alarm
    assert later(4).isoformat() <= str(realised.since) <= later(6).isoformat()
    assert only(broken).realised
