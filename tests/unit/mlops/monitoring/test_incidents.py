"""Every way that an incident begins, goes on and ends, from facts that follow a script."""

import json
from datetime import timedelta

import obstore
import pytest

from mlops.monitoring.archive import Archive
from mlops.monitoring.facts import Revision, WindowFacts
from mlops.records.window import Window
from mlops.spec.monitoring import Monitoring
from tests.unit.mlops.monitoring.world import (
    MODEL,
    World,
    after,
    day,
    drifted,
    estimated_worse,
    loss,
    read_all,
    realised,
    steady,
    version,
    well,
    worse,
)
from tests.unit.mlops.samples import make_spec


@pytest.fixture
def world() -> World:
    return World()


def run_days(world: World, days: int) -> None:
    """A run after each of the first days."""
    for number in range(days):
        world.run(after(number))


def test_a_model_that_is_well_has_no_incident_and_nothing_is_announced(world: World) -> None:
    for number in range(3):
        world.script(number, well())
    run_days(world, 3)
    assert world.state.incident is None
    assert world.announcer.sent == []
    assert world.state.daily == day(2).isoformat()


def test_a_realised_loss_opens_an_incident_with_one_event_and_one_message(world: World) -> None:
    world.script(0, well())
    world.script(1, worse(1, columns=drifted("length")))
    world.script(2, worse(2, columns=drifted("length")))
    run_days(world, 3)
    incident = world.incident
    assert (incident.id, incident.cause, incident.version) == (f"{day(1)}-v1", "realised loss", 1)
    assert incident.opened_at == Window.of_day(day(1)).end
    assert incident.loss
    assert (incident.loss.trained.value, incident.loss.trained.low, incident.loss.now.value) == (0.95, 0.9, 0.7)
    assert incident.drifted == ("length: the median rose from 20 to 31 mm",)
    assert sorted(world.announcer.events) == ["Model degraded", "Model drifted"]
    assert len(world.announcer.messages) == 1


def test_the_message_says_what_fell_since_when_how_sure_what_changed_and_what_helps(world: World) -> None:
    world.script(0, well())
    world.script(1, worse(1, columns=drifted("length")))
    run_days(world, 2)
    (message,) = world.announcer.messages
    assert message.subject == f"leaves is degraded: accuracy fell to 0.7 since {day(1)}"
    text = message.text or ""
    for part in (
        "accuracy fell from 0.95 to 0.7 (0.67 to 0.73 at 95%, 200 rows)",
        f"Since: {day(1)}",
        "at most 5 %",
        "version 1 serves since 2026-11-23 06:00 UTC: promotion by training, passed its gates",
        "trained on s3://data/datasets/leaves/a.csv",
        "by code unknown",
        "length: the median rose from 20 to 31 mm",
        "scripts/mlops models rollback leaves",
        "scripts/mlops monitor report leaves",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) < 200


def test_an_estimated_loss_opens_an_incident_where_no_truth_is_there(world: World) -> None:
    world.script(0, estimated_worse(0))
    run_days(world, 1)
    assert world.incident.cause == "estimated loss"
    assert world.incident.loss
    assert world.incident.loss.basis == "estimated"
    assert "estimate" in (world.announcer.messages[0].text or "")


@pytest.mark.parametrize("value", [0.95, 0.99])
def test_truth_that_shows_no_loss_refutes_an_estimate(world: World, value: float) -> None:
    world.script(0, estimated_worse(0, realised=realised(value, half=0.01)))
    run_days(world, 1)
    assert world.state.incident is None


def test_truth_of_an_earlier_day_refutes_a_loss_that_began_before_it_and_none_that_began_later(world: World) -> None:
    revision = Revision(window=day(0).isoformat(), version=1, realised=realised(0.96, half=0.01))
    world.script(
        1,
        version(estimated=estimated_worse(1).estimated, losses=(loss(1, "estimated", since=0),)),
        revisions=(revision,),
    )
    run_days(world, 2)
    assert world.state.incident is None
    world.script(
        2,
        version(estimated=estimated_worse(2).estimated, losses=(loss(2, "estimated", since=1),)),
        revisions=(revision,),
    )
    world.run(after(2))
    assert world.incident.cause == "estimated loss"


def test_truth_too_uncertain_to_tell_doesnt_refute_an_estimate(world: World) -> None:
    world.script(0, estimated_worse(0, realised=realised(0.94, half=0.1, rows=20)))
    run_days(world, 1)
    assert world.incident.cause == "estimated loss"


def test_an_estimate_that_truth_has_shown_to_be_wrong_opens_nothing(world: World) -> None:
    world.script(0, estimated_worse(0, trustworthy=False))
    run_days(world, 1)
    assert world.state.incident is None


def test_a_loss_of_another_version_than_the_champion_opens_nothing(world: World) -> None:
    world.add_version(2, after(0))
    world.script(0, well(), worse(0, which=2))
    run_days(world, 1)
    assert world.state.incident is None


def test_drift_alone_is_one_event_for_a_version_and_set_of_columns(world: World) -> None:
    for number, names in enumerate([("length",), ("length",), ("length", "width"), ("length",)]):
        world.script(number, version(columns=drifted(*names)))
    run_days(world, 4)
    assert world.announcer.events == ["Model drifted", "Model drifted"]
    assert world.announcer.messages == []
    assert world.state.incident is None
    found = [[column["column"] for column in each.detail["columns"]] for each in world.announcer.sent]
    assert found == [["length"], ["length", "width"]]


def test_drift_opens_an_incident_where_the_spec_says_so_and_closes_it_when_its_over() -> None:
    world = World(make_spec(monitoring=Monitoring(drift="incident", retrain_rows=4)))
    world.script(1, version(columns=drifted("length", since=1)))
    run_days(world, 2)
    assert (world.incident.cause, world.incident.since, world.incident.loss) == ("drift", day(1).isoformat(), None)
    assert "its inputs drifted" in (world.announcer.messages[0].subject or "")
    world.script(2, version(columns=steady("length")))
    world.run(after(2))
    assert world.status() == "recovered"


def test_retraining_starts_when_enough_rows_from_after_the_loss_have_their_truth(world: World) -> None:
    world.serve(0)
    world.script(1, estimated_worse(1))
    run_days(world, 2)
    assert world.status() == "open"
    assert world.steps[-1] == f"retraining waits: 0 of 4 rows labelled since {day(1)} 00:00 UTC"
    world.run(after(2))
    assert len(world.steps) == 2
    world.serve(3)
    world.run(after(3))
    assert world.status() == "retraining"
    assert world.bucket.created == [f"datasets/leaves/incident-{day(1)}-v1.csv.gz"]
    retraining = world.incident.retraining
    assert retraining
    assert (retraining.rows, retraining.new_rows, retraining.until) == (72, 12, Window.of_day(day(3)).end)
    assert world.bucket.metadata[world.bucket.created[0]]["incident"] == world.incident.id


def degrade(world: World, number: int = 1) -> str:
    """A realised loss on the n-th day, with rows to train on; returns the incident's id."""
    world.serve(number)
    world.script(number, worse(number))
    world.run(after(number))
    return world.incident.id


def test_a_version_that_is_promoted_and_shows_no_loss_ends_the_incident(world: World) -> None:
    incident = degrade(world)
    world.promote(2, at=after(1), incident=incident)
    world.bucket.report(incident, "promoted", 2, after(1))
    world.script(2, worse(2), version(2))  # too little to tell yet
    world.run(after(2))
    assert world.status() == "retraining"
    assert world.incident.retraining
    assert (world.incident.retraining.outcome, world.incident.retraining.version) == ("promoted", 2)
    world.script(3, well(2))
    world.run(after(3))
    assert (world.status(), world.incident.closed_at) == ("recovered", Window.of_day(day(3)).end)
    assert world.announcer.events == ["Model degraded", "Model recovered"]
    assert len(world.announcer.messages) == 1
    assert world.state.looks
    assert world.state.looks["restarts"] == [1]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("kept", "the world got harder, not the model worse"),
        ("unchanged", "the world got harder, not the model worse"),
        ("refused", "failed its gates"),
        ("rejected", "the dataset was rejected"),
    ],
)
def test_a_training_that_doesnt_help_is_a_dead_end_and_is_not_repeated(world: World, outcome: str, said: str) -> None:
    incident = degrade(world)
    world.bucket.report(incident, outcome, None if outcome == "rejected" else 2, after(1))
    for number in range(2, 12):
        world.serve(number)
        world.script(number, worse(number))
        world.run(after(number))
    assert world.status() == "dead end"
    assert said in world.steps[-1]
    assert world.announcer.events == ["Model degraded", "Model retraining failed"]
    assert len(world.announcer.messages) == 1
    assert len(world.bucket.created) == 1


def test_a_second_delivery_of_the_same_training_changes_nothing(world: World) -> None:
    incident = degrade(world)
    world.promote(2, at=after(1), incident=incident)
    world.bucket.report(incident, "unchanged", 2, after(1))
    world.run(after(2))
    assert world.incident.retraining
    assert world.incident.retraining.outcome == "promoted"
    assert world.status() == "retraining"


def test_a_retraining_that_is_tried_as_a_canary_heals_once_that_is_promoted(world: World) -> None:
    incident = degrade(world)
    world.add_version(2, after(1), incident=incident)
    world.bucket.report(incident, "canary", 2, after(1))
    world.run(after(2))
    assert (world.status(), world.steps[-1]) == ("retraining", "version 2 is tried as a canary")
    world.promote(2, at=after(2), incident=incident)
    world.script(3, well(2))
    world.run(after(3))
    assert world.status() == "recovered"


def test_a_retraining_that_cannot_be_tried_is_a_dead_end(world: World) -> None:
    incident = degrade(world)
    world.add_version(2, after(1), incident=incident)
    world.bucket.report(incident, "waiting", 2, after(1))
    world.run(after(2))
    assert world.status() == "dead end"
    assert "can't be tried as a canary now" in world.steps[-1]


def test_a_new_version_that_loses_too_is_a_dead_end(world: World) -> None:
    incident = degrade(world)
    world.promote(2, at=after(1), incident=incident)
    world.bucket.report(incident, "promoted", 2, after(1))
    world.script(2, worse(2, which=2))
    world.run(after(2))
    assert world.status() == "dead end"
    assert "version 2 is no better" in world.steps[-1]
    world.script(3, well(2))
    world.run(after(3))
    assert world.status() == "recovered"


def test_training_that_never_reports_is_a_dead_end_until_it_does(world: World) -> None:
    incident = degrade(world)
    world.run(after(2) - timedelta(hours=2))
    assert world.status() == "retraining"
    world.run(after(2))
    assert world.status() == "dead end"
    assert "hasn't reported in 24 hours" in world.steps[-1]
    world.promote(2, at=after(2), incident=incident)
    world.bucket.report(incident, "promoted", 2, after(2))
    world.run(after(3))
    assert world.status() == "retraining"
    assert len(world.bucket.created) == 1


def test_a_rollback_by_a_person_ends_the_incident_too(world: World) -> None:
    world.promote(2, at=after(0))
    world.serve(1, version=2)
    world.script(1, worse(1, which=2))
    world.run(after(1))
    assert world.incident.version == 2
    world.promote(1, at=after(1))
    world.script(2, well(1))
    world.run(after(2))
    assert world.status() == "recovered"


def test_performance_that_comes_back_by_itself_ends_the_incident(world: World) -> None:
    world.spec = make_spec(monitoring=Monitoring(retrain=False))
    world.script(1, worse(1))
    run_days(world, 2)
    world.script(2, version(realised=realised(0.95, half=0.1), losses=(loss(2),)))
    world.run(after(2))
    assert world.status() == "open"
    world.script(3, version(realised=realised(0.95, half=0.01), losses=(loss(3),)))
    world.run(after(3))
    assert world.status() == "recovered"
    assert world.bucket.created == []


def test_an_estimate_that_comes_back_ends_an_incident_that_it_opened(world: World) -> None:
    world.script(1, estimated_worse(1))
    world.script(2, estimated_worse(2, value=0.99))
    run_days(world, 3)
    assert world.status() == "recovered"


def test_one_incident_at_a_time_and_the_next_waits_for_the_cool_down_before_it_trains(world: World) -> None:
    incident = degrade(world)
    world.promote(2, at=after(1), incident=incident)
    world.bucket.report(incident, "promoted", 2, after(1))
    world.script(2, well(2))
    world.run(after(2))
    assert world.status() == "recovered"
    for number in range(3, 12):
        world.serve(number, version=2)
        world.script(number, worse(number, which=2, since=3))
    for number in range(3, 8):
        world.run(after(number))
    assert world.incident.id == f"{day(3)}-v2"
    assert world.status() == "open"
    assert f"not before {day(9)}, 7 days after" in (world.announcer.messages[-1].text or "")
    world.run(after(8))
    assert world.status() == "retraining"
    assert [each.rpartition("/")[2] for each in world.bucket.created] == [
        f"incident-{incident}.csv.gz",
        f"incident-{day(3)}-v2.csv.gz",
    ]
    assert len(world.announcer.messages) == 2


def test_a_training_that_reports_after_the_recovery_is_still_noted(world: World) -> None:
    incident = degrade(world)
    world.promote(2, at=after(1), incident=incident)
    world.script(2, well(2))
    world.run(after(2))
    assert world.status() == "recovered"
    world.bucket.report(incident, "promoted", 2, after(1))
    world.run(after(3))
    assert world.incident.retraining
    assert world.incident.retraining.outcome == "promoted"
    assert world.status() == "recovered"


def test_facts_reports_and_incidents_lie_where_others_look_for_them(world: World) -> None:
    incident = degrade(world)
    archive = Archive(world.records)
    assert [each.id for each in archive.read_incidents(MODEL)] == [incident]
    assert archive.read_incidents(MODEL)[0] == world.incident
    assert archive.read_facts(MODEL, day(1).isoformat()) == world.looks.script[day(1).isoformat()]
    assert archive.read_facts(MODEL, f"{day(1)}T13") == WindowFacts(model=MODEL, window=f"{day(1)}T13")
    contents = read_all(world)
    document = json.loads(contents[f"monitoring/leaves/{day(1)}/report.json"])
    assert [each["id"] for each in document["incidents"]] == [incident]
    # The dataset was assembled after the day's facts were written, and the page has it.
    page = contents[f"monitoring/leaves/{day(1)}/report.html"].decode()
    assert page == f"{day(1)}, the last of 2 days, {incident} retraining"
    assert f"monitoring/leaves/{day(1)}T13/report.html" not in contents


def test_a_model_without_a_champion_is_left_alone(world: World) -> None:
    obstore.delete(world.registry, "leaves/aliases/champion.json")
    assert [each.windows for each in world.run(after(1))] == [[]]
    assert read_all(world) == {}
