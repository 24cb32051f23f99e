"""A look at a day: each version's traffic, drift and performance, the same whenever and however often it's repeated."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import obstore
import pandas as pd
import pytest
from obstore.store import MemoryStore

from mlops.artifact.names import HELD_OUT, REFERENCES
from mlops.errors.training import SpecInvalid
from mlops.monitoring.facts import Revision, VersionFacts
from mlops.monitoring.windows.monitor import Look, Monitor, State, restart_tests
from mlops.records.window import Window
from mlops.spec import ModelSpec
from tests.unit.mlops.monitoring.windows.world import HASHED, MONDAY, World, later

RECORDS_OF_A_DAY = 200


def only(look: Look) -> VersionFacts:
    (version,) = look.facts.versions
    return version


def column(version: VersionFacts, name: str) -> Any:
    return next(each for each in version.columns if each.column == name)


def loss(version: VersionFacts, basis: str) -> Any:
    return next(each for each in version.losses if each.basis == basis)


def live(world: World, days: int, state: State | None = None, *, first: int = 0, delay: int = 2, **serve: Any) -> Look:
    """Days of traffic with truth so many days late, looked at one after the other; the last look."""
    look: Look | None = None
    for number in range(first, first + days):
        world.served[number] = world.serve(later(number), **serve)
        if number - delay in world.served:
            world.tell(world.served[number - delay], later(number))
        look = world.look(later(number), None if state is None else json.loads(json.dumps(state)))
        state = look.state
    assert look is not None
    return look


def flip(truth: list[str | float]) -> list[str | float]:
    """A relation that no longer holds: half of the truths are the other label."""
    return [{"yes": "no", "no": "yes"}[str(each)] if place % 2 else each for place, each in enumerate(truth)]


def test_a_quiet_week_shows_performance_and_neither_drift_nor_loss(world: World) -> None:
    look = live(world, 7)
    version = only(look)
    assert (version.version, version.role, version.service.predictions) == (1, "champion", RECORDS_OF_A_DAY)
    assert [each.column for each in version.columns] == [
        *("spend", "plan", "newsletter", "since"),
        *("churned", "probability of yes"),
    ]
    assert not any(each.drifted for each in version.columns)
    assert column(version, "spend").rows == RECORDS_OF_A_DAY
    assert 0.05 < column(version, "plan").missing < 0.2
    assert sum(column(version, "spend").shares) == pytest.approx(1)
    estimated = version.estimated["accuracy"]
    assert estimated.low is not None
    assert estimated.high is not None
    assert estimated.low < estimated.value < estimated.high
    assert estimated.rows == RECORDS_OF_A_DAY
    assert version.assessments["accuracy"].windows == 5
    assert {each.basis: each.alarm for each in version.losses} == {"realised": False, "estimated": False}
    assert look.facts.feedback.standing == look.facts.feedback.received == RECORDS_OF_A_DAY
    assert look.facts.errors == look.facts.unreadable == 0


def test_truth_that_comes_late_revises_the_day_that_it_is_about(world: World) -> None:
    look = live(world, 3)
    (revision,) = look.facts.revisions
    assert (revision.window, revision.version) == (MONDAY.isoformat(), 1)
    realised = revision.realised
    assert (realised.predictions, realised.labelled, realised.overall.rows) == (200, 200, 200)
    hits = sum(record["label"] == world.truths[record["prediction_id"]] for record in world.read_records(MONDAY))
    assert realised.overall.metrics["accuracy"].value == hits / 200
    assert realised.delay_median is not None
    assert 58 < realised.delay_median < 60
    assert {part.where for part in realised.slices} >= {"plan = basic", "plan = missing"}
    spend = [part for part in realised.slices if part.where.startswith("spend = ")]
    assert sum(part.rows for part in spend) == 200
    assert sum(each.rows for each in realised.calibration) == 200
    assert "accuracy" in realised.overall.changes
    own = only(look).realised
    assert own is not None
    assert (own.predictions, own.labelled) == (200, 0)


def test_a_correction_revises_the_day_again_and_is_not_tested_twice(world: World) -> None:
    look = live(world, 3)
    ids = world.served[0]
    corrected = {name: "yes" if world.truths[name] == "no" else "no" for name in ids[:80]}
    world.tell(ids[:80], later(3), corrected)
    before = look
    look = world.look(later(3), before.state)
    (revision,) = look.facts.revisions
    assert (revision.window, revision.realised.labelled) == (MONDAY.isoformat(), 200)
    was = before.facts.revisions[0].realised.overall.metrics["accuracy"].value
    assert revision.realised.overall.metrics["accuracy"].value < was - 0.1
    assert loss(only(look), "realised").evidence == loss(only(before), "realised").evidence
    assert realised_test(look)["wealth"] == realised_test(before)["wealth"]


def realised_test(look: Look) -> Any:
    return look.state["versions"]["1"]["losses"]["realised"]["test"]


def test_a_relation_that_breaks_is_an_alarm_of_realised_loss_since_about_then(world: World) -> None:
    quiet = live(world, 4, rows=300)
    assert not loss(only(quiet), "realised").alarm
    broken = live(world, 8, quiet.state, first=4, rows=300, truth=flip)
    found = loss(only(broken), "realised")
    assert found.alarm
    assert found.evidence >= found.alarm_at
    assert later(4).isoformat() <= found.since <= later(8).isoformat()
    assert found.trained == world.versions.manifest(1).estimates["accuracy"].value


def test_a_column_that_shifts_is_found_and_described_in_its_unit(world: World) -> None:
    quiet = live(world, 3)

    def shift(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(spend=(table["spend"] + 40).clip(0, 200))

    look = live(world, 2, quiet.state, first=3, change=shift)
    found = column(only(look), "spend")
    assert found.drifted
    assert later(2) <= found.since <= later(4)
    assert "EUR" in found.sentence
    assert found.p_value < 0.01
    assert not column(only(look), "plan").drifted
    assert column(only(look), "probability of yes").drifted


def test_the_same_records_in_other_objects_and_orders_give_the_same_facts_and_state(world: World) -> None:
    live(world, 3)
    others = World(bench=world.bench, served=world.served)
    for path in world.paths():
        if "kind=feedback" in path:
            obstore.put(others.records, path, bytes(obstore.get(world.records, path).bytes()))
    for number in range(3):
        records = world.read_records(later(number))
        for part in range(7):
            others.put(later(number), records[::-1][part::7], f"other-{6 - part}")
        # Delivery is at least once.
        others.put(later(number), records[50:90], "again")
    state: State | None = None
    other: State | None = None
    for number in range(3):
        one, two = world.look(later(number), state), others.look(later(number), other)
        assert two.facts == one.facts
        assert two.state == one.state
        state, other = one.state, two.state
    assert one.facts.revisions


def test_a_look_that_is_repeated_gives_the_same_bytes(world: World) -> None:
    look = live(world, 3)
    before = live(World(bench=world.bench), 2)
    again = [world.look(later(2), before.state) for _ in range(2)]
    assert [json.dumps(each.state) for each in again] == [json.dumps(look.state)] * 2
    assert [each.facts.model_dump_json() for each in again] == [look.facts.model_dump_json()] * 2


def test_two_versions_of_a_day_are_looked_at_each_by_itself(world: World) -> None:
    world.serve(MONDAY, 120)
    world.serve(MONDAY, 80, version=2, first=time(12))
    world.serve(MONDAY, 40, version=2, first=time(18), seed=5, role="challenger")
    look = world.look(MONDAY)
    assert [(each.version, each.role, each.service.predictions) for each in look.facts.versions] == [
        (1, "champion", 120),
        (2, "champion", 120),
    ]
    assert [column(each, "spend").rows for each in look.facts.versions] == [120, 120]
    assert {*look.state["versions"]} == {"1", "2"}


def test_truth_about_a_version_that_serves_no_more_is_still_looked_at(world: World) -> None:
    ids = world.serve(MONDAY)
    state = world.look(MONDAY).state
    world.serve(later(1), version=2)
    world.tell(ids, later(1))
    look = world.look(later(1), state)
    first, second = look.facts.versions
    assert (first.version, first.role, first.service.predictions, first.realised) == (1, "champion", 0, None)
    assert {each.basis for each in first.losses} == {"realised", "estimated"}
    assert second.version == 2
    assert [each.version for each in look.facts.revisions] == [1]


def test_a_regressor_is_looked_at_in_its_targets_unit(rents: World) -> None:
    look = live(rents, 3)
    version = only(look)
    assert [each.column for each in version.columns][-1] == "price"
    assert 15 < version.estimated["mae"].value < 35
    assert not any(each.drifted for each in version.columns)
    (revision,) = look.facts.revisions
    assert revision.realised.overall.metrics["mae"].value == pytest.approx(20, abs=5)
    assert revision.realised.calibration == ()

    def dearer(truth: list[str | float]) -> list[str | float]:
        return [float(each) + 60 for each in truth]

    worse = live(rents, 5, look.state, first=3, truth=dearer)
    assert loss(only(worse), "realised").alarm
    assert loss(only(worse), "realised").margin == pytest.approx(0.05 * loss(only(worse), "realised").trained)
    assert not loss(only(worse), "estimated").alarm, "without truth nobody could see it"


def test_a_metric_that_is_no_mean_over_rows_is_tested_by_windows(world: World) -> None:
    ranked = replace(world, spec=replace(world.spec, metric="roc_auc"))
    quiet = live(ranked, 4, rows=300)
    assert not loss(only(quiet), "realised").alarm
    broken = live(ranked, 6, quiet.state, first=4, rows=300, truth=flip)
    assert loss(only(broken), "realised").alarm


def test_private_values_are_in_neither_facts_nor_state(world: World) -> None:
    look = live(world, 3)
    written = look.facts.model_dump_json() + json.dumps(look.state)
    assert HASHED not in written
    assert "example.org" not in written
    assert "Private columns aren't watched for drift: customer, e-mail." in only(look).remarks


def test_a_version_from_before_monitoring_is_watched_as_far_as_possible(world: World) -> None:
    older = World(bench=replace(world.bench, store=MemoryStore()))
    folder = f"{world.spec.name}/versions/1/"
    for path in [each["path"] for page in obstore.list(world.bench.store, folder) for each in page]:
        content = bytes(obstore.get(world.bench.store, path).bytes())
        if path.endswith("/manifest.json"):
            manifest = json.loads(content)
            for name in (REFERENCES, HELD_OUT):
                del manifest["files"][name]
            content = json.dumps(manifest).encode()
        obstore.put(older.bench.store, path, content)
    look = live(older, 3)
    version = only(look)
    assert (version.columns, version.estimated, version.losses) == ((), {}, ())
    assert version.service.predictions == 200
    assert look.facts.revisions[0].realised.overall.metrics["accuracy"].rows == 200
    assert any(each.endswith("since it's older than monitoring: drift isn't looked for.") for each in version.remarks)


def test_a_version_that_the_registry_does_not_have_is_counted(world: World) -> None:
    world.serve(MONDAY, 30)
    records = [{**each, "model_version": 9} for each in world.read_records(MONDAY)]
    world.clear()
    world.put(MONDAY, records, "strange")
    version = only(world.look(MONDAY))
    assert (version.version, version.service.predictions, version.columns) == (9, 30, ())
    assert version.remarks[0].startswith("Only its traffic is watched: ")


def test_a_day_without_records_is_looked_at_and_the_next_one_goes_on(world: World) -> None:
    look = live(world, 2)
    nothing = world.look(later(2), look.state)
    assert (nothing.facts.versions, nothing.facts.revisions) == ((), ())
    assert nothing.state["day"] == later(2).isoformat()
    assert nothing.state["versions"] == look.state["versions"]
    assert only(live(world, 1, nothing.state, first=3)).service.predictions == 200


def test_a_model_that_never_served_has_a_look_too(world: World) -> None:
    fresh = World(bench=replace(world.bench, store=MemoryStore()))
    assert fresh.look(MONDAY).facts.versions == ()

    def none(model: str) -> ModelSpec:
        raise SpecInvalid(model, "there is none")

    monitor = Monitor(MemoryStore(), MemoryStore(), none)
    assert monitor.look("churn", Window.of_day(MONDAY), None).facts.versions == ()


def test_what_is_damaged_is_counted_and_named_and_the_rest_is_looked_at(world: World) -> None:
    world.serve(MONDAY, 100, objects=1)
    (whole,) = world.paths()
    record = world.read_records(MONDAY)[0]
    content = bytes(obstore.get(world.records, whole).bytes())
    torn = whole.replace(".json.gz", "-torn.json.gz")
    obstore.put(world.records, torn, content[: len(content) // 2])
    strange = [
        {**record, "prediction_id": "no id"},
        {"record": "prediction", "timestamp": f"{MONDAY}T12:00:00.000+00:00"},
        {**record, "prediction_id": None},
    ]
    world.put(MONDAY, strange, "strange")
    misfit = [{**each, "inputs": {"spend": "much"}} for each in fresh_records(world, 40)]
    world.put(MONDAY, misfit, "misfit")
    look = world.look(MONDAY)
    assert look.facts.damaged == (torn,)
    assert look.facts.unreadable == 3
    version = only(look)
    assert version.service.predictions == 140
    assert "40 of 140 records don't fit the version's contract." in version.remarks
    assert column(version, "spend").rows == 100


def fresh_records(world: World, rows: int) -> list[dict[str, Any]]:
    """More records of the day, that nobody put anywhere."""
    other = World(bench=world.bench)
    other.serve(MONDAY, rows, seed=77, first=time(15))
    return other.read_records(MONDAY)


def test_without_recorded_inputs_the_answers_alone_are_looked_at(world: World) -> None:
    world.serve(MONDAY, inputs=None)
    version = only(world.look(MONDAY))
    assert column(version, "spend").rows == 0
    assert column(version, "churned").rows == 200
    assert version.estimated["accuracy"].rows == 200
    assert any("RECORD_INPUTS" in each for each in version.remarks)


def test_with_a_share_of_the_inputs_recorded_all_of_the_share_is_looked_at(world: World) -> None:
    world.serve(MONDAY, 150, inputs=None)
    world.serve(MONDAY, 50, seed=9, first=time(12))
    version = only(world.look(MONDAY))
    assert column(version, "spend").rows == 50
    assert column(version, "churned").rows == 200


def test_a_sample_is_drawn_of_many_records(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops.monitoring.windows.scan.SAMPLE_ROWS", 60)
    look = live(world, 3)
    version = only(look)
    assert column(version, "spend").rows == version.estimated["accuracy"].rows == 60
    assert version.service.predictions == 200
    realised = look.facts.revisions[0].realised
    assert (realised.labelled, realised.overall.rows) == (200, 60)
    assert realised_test(look)["looks"] == 1


def test_a_challenger_in_the_shadow_is_compared(world: World) -> None:
    world.serve(MONDAY, 90, challenger_version=2, challenger_label="no")
    version = only(world.look(MONDAY))
    labels = [each["label"] for each in world.read_records(MONDAY)]
    assert version.service.challenger == 2
    assert version.service.disagreement is not None
    assert version.service.disagreement.value == labels.count("yes") / 90
    assert version.service.disagreement.rows == 90


def test_an_hour_shows_traffic_and_leaves_the_state_as_it_is(world: World) -> None:
    state = world.look(MONDAY).state
    world.serve(later(1), 400)
    refusal = {"record": "rejection", "reason": "InputRejected", "violations": [{"rule": "range"}, {"rule": "range"}]}
    unread = {"record": "rejection", "reason": "BodyUnreadable"}
    failure = {"record": "failure", "status": 503}
    moments = [f"{later(1)}T01:{minute:02}:00.000+00:00" for minute in (0, 59)]
    stamped = [{**each, "timestamp": moment} for each in (refusal, unread) for moment in moments]
    world.put(later(1), [*stamped, {**refusal, "timestamp": f"{later(1)}T02:00:00+00:00"}], "r", kind="rejection")
    world.put(later(1), [{**failure, "timestamp": moment} for moment in moments], "f", kind="failure")
    look = world.monitor.look("churn", Window.parse(f"{later(1)}T01"), state)
    version = only(look)
    assert version.service.predictions == 180  # three a minute
    assert (version.columns, version.estimated, version.realised) == ((), {}, None)
    assert (look.facts.refused, look.facts.errors) == ({"BodyUnreadable": 2, "range": 2}, 2)
    assert look.facts.window == f"{later(1)}T01"
    assert look.state == state


def test_objects_that_arrived_before_an_hour_are_not_read_for_it(world: World) -> None:
    world.serve(MONDAY, 10)
    records = world.read_records(MONDAY)
    world.clear()
    world.put(MONDAY, records, "records-1-2026-11-02-00-00-09-abc")
    early = world.put(MONDAY, records, "records-1-2026-11-01-23-00-00-def")
    obstore.put(world.records, early, b"not even gzip")
    look = world.monitor.look("churn", Window.parse("2026-11-02T00"), None)
    assert only(look).service.predictions == 10
    assert look.facts.damaged == ()


def test_what_became_of_each_line_of_feedback_adds_up(world: World) -> None:
    ids = world.serve(MONDAY, 50)
    state = world.look(MONDAY).state
    world.tell(ids[:30], later(1))
    world.tell(ids[:10], later(1), {**world.truths, ids[0]: "yes" if world.truths[ids[0]] == "no" else "no"})
    unknown = {f"{name[:-4]}ffff": "no" for name in ids[:7]}
    world.tell([*unknown], later(1), unknown)
    ancient = {"018c0000-0000-7000-8000-000000000001": "no"}
    world.tell([*ancient], later(1), ancient)
    world.put(
        later(1),
        [
            {
                "prediction_id": ids[3],
                "truth": "maybe",
                "at": f"{later(1)}T01:00:00Z",
                "received_at": f"{later(1)}T02:00:00Z",
            }
        ],
        "odd",
        kind="feedback",
    )
    found = world.look(later(1), state).facts.feedback
    assert (found.received, found.standing, found.unknown, found.too_late) == (49, 30, 7, 1)
    assert (found.duplicates, found.superseded, found.invalid) == (9, 1, {"label": 1})


def test_a_day_is_looked_at_once_and_in_order(world: World) -> None:
    look = live(world, 2)
    for day in (later(1), later(0)):
        with pytest.raises(ValueError, match="was looked at before"):
            world.look(day, look.state)
    with pytest.raises(ValueError, match="neither a whole day nor a whole hour"):
        world.monitor.look("churn", Window(NOON, NOON + timedelta(hours=2)), look.state)


NOON = datetime.fromisoformat("2026-11-02T12:00:00+00:00")


def test_the_tests_for_loss_begin_anew_after_an_incident(world: World) -> None:
    broken = live(world, 6, rows=400, truth=flip)
    assert loss(only(broken), "realised").alarm
    anew = restart_tests(broken.state, 1)
    assert anew["versions"]["1"]["drift"] == broken.state["versions"]["1"]["drift"]
    assert restart_tests(anew, 7) == anew
    healthy = live(world, 1, anew, first=20)
    assert not any(each.alarm for each in only(healthy).losses)


def test_another_metric_in_the_spec_begins_other_tests(world: World) -> None:
    look = live(world, 3)
    other = replace(world, spec=replace(world.spec, metric="brier"))
    found = only(live(other, 1, look.state, first=3))
    assert {each.metric for each in found.losses} == {"brier"}


def test_without_a_spec_there_is_no_test_for_loss(world: World) -> None:
    world.serve(MONDAY)

    def none(model: str) -> ModelSpec:
        raise SpecInvalid(model, "there is no such file")

    monitor = Monitor(world.bench.store, world.records, none)
    version = only(monitor.look("churn", Window.of_day(MONDAY), None))
    assert version.losses == ()
    assert version.estimated["accuracy"].rows == 200
    assert any("there is no such file" in each for each in version.remarks)


def test_a_version_that_is_gone_for_long_is_forgotten(world: World) -> None:
    look = live(world, 1)
    kept = world.look(later(35), look.state)
    assert {*kept.state["versions"]} == {"1"}
    assert world.look(later(36), kept.state).state["versions"] == {}


def revisions(looks: Sequence[Look]) -> list[Revision]:
    return [each for look in looks for each in look.facts.revisions]


def test_truth_of_several_days_revises_each_and_older_ones_are_out_of_reach(world: World) -> None:
    days: list[date] = [later(0), later(1), later(36)]
    ids = [world.serve(day, 40) for day in days]
    look = world.look(later(0))
    look = world.look(later(1), look.state)
    world.tell([name for each in ids for name in each], later(36))
    look = world.look(later(36), look.state)
    assert [(each.window, each.realised.labelled) for each in revisions([look])] == [(later(1).isoformat(), 40)]
    own = only(look).realised
    assert own is not None
    assert own.labelled == 40
    assert (look.facts.feedback.standing, look.facts.feedback.too_late) == (80, 40)
