"""What comes next of itself: batches by their schedules, monitoring's next look, and trainings on feedback."""

import csv
import io
from datetime import timedelta

import pytest

from mlops.monitoring.state import MonitoringState, NextTraining, States
from mlops.operations.schedules import DEFAULT_GROUP
from tests.console_schedules import MONITOR
from tests.console_world import NOW, Visitor, World

BATCHES = "/console/batches"


@pytest.fixture
def scheduled(world: World) -> World:
    """Churn is predicted nightly and weekly, leaves daily but not now; another schedule is nobody's."""
    world.scheduler.add("weekly", "cron(0 5 ? * MON *)", model="churn")
    world.scheduler.add("nightly", "cron(0 3 * * ? *)", model="churn", source="s3://data/batch/churn/")
    world.scheduler.add("daily", "rate(1 day)", model="leaves", State="DISABLED")
    world.scheduler.add("odd", "cron(0 3 * * ? *)", ScheduleExpressionTimezone="Middle/Earth")
    return world


def plan(world: World, training: NextTraining | None) -> None:
    States(world.records).update("churn", lambda _: MonitoringState(model="churn", next_training=training))


def test_the_schedules_of_batches_have_state_and_next_run_the_next_one_first(scheduled: World, ann: Visitor) -> None:
    page = ann.get(BATCHES).text
    assert page.index(">nightly<") < page.index(">weekly<") < page.index(">daily<") < page.index(">odd<")
    assert "2026-11-30 03:00 UTC" in page
    assert "2026-11-30 05:00 UTC" in page
    assert "s3://data/batch/churn/" in page
    assert page.count("✓ on") == 2
    assert page.count("\N{EN DASH} off") == 1
    assert page.count("? can&#39;t be read") == 1
    assert "the time zone Middle/Earth isn&#39;t known" in page


def test_schedules_are_there_as_csv(scheduled: World, ann: Visitor) -> None:
    rows = list(csv.DictReader(io.StringIO(ann.get(f"{BATCHES}/schedules.csv").text)))
    assert [(row["schedule"], row["model"], row["state"], row["next_run"]) for row in rows] == [
        ("nightly", "churn", "enabled", "2026-11-30T03:00:00+00:00"),
        ("weekly", "churn", "enabled", "2026-11-30T05:00:00+00:00"),
        ("daily", "leaves", "disabled", ""),
        ("odd", "", "enabled", ""),
    ]


def test_a_key_of_some_models_sees_their_schedules_alone(scheduled: World) -> None:
    visitor = Visitor(scheduled.open_app())
    visitor.post("/console/sign-in", {"key": scheduled.make_key(models=("leaves",))})
    page, rows = visitor.get(BATCHES).text, visitor.get(f"{BATCHES}/schedules.csv").text
    assert ">daily<" in page
    for name in ("nightly", "weekly", "odd"):
        assert name not in page + rows


def test_without_schedules_the_page_says_how_to_make_one(ann: Visitor) -> None:
    assert "scripts/mlops batch schedule NAME" in ann.get(BATCHES).text


def test_many_schedules_are_cut_and_all_of_them_are_in_the_file(world: World, ann: Visitor) -> None:
    for place in range(70):
        world.scheduler.add(f"batch-{place}", "rate(1 day)", model="churn")
    page = ann.get(BATCHES).text
    assert page.count("✓ on") == 60
    assert "10 schedules more in the file" in page
    assert len(ann.get(f"{BATCHES}/schedules.csv").text.splitlines()) == 71


def test_all_else_is_shown_where_the_scheduler_doesnt_answer(scheduled: World, ann: Visitor) -> None:
    scheduled.scheduler.failing = True
    scheduled.now += timedelta(minutes=1)
    assert "EventBridge Scheduler doesn't answer" in ann.get(BATCHES).text
    page = ann.get().text
    assert "When batches run next can't be shown" in page
    assert "when monitoring looks next isn't known" in page
    assert "Version 4</a> serves" in page
    assert "when monitoring looks next isn't known" in ann.get("/console/models/churn").text
    assert any("EventBridge Scheduler doesn't answer" in each for each in scheduled.warnings)


def test_the_overview_names_each_models_next_batch(scheduled: World, ann: Visitor) -> None:
    page = ann.get().text
    assert "Next batch at" in page
    assert page.count("2026-11-30 03:00 UTC") == 1
    assert '/batches#schedules">nightly</a>' in page
    assert "weekly" not in page
    assert "Next batch at" in ann.get("/console/models/churn").text


def test_monitorings_next_look_is_that_of_its_schedule(world: World, ann: Visitor) -> None:
    assert 'monitoring looks next at <time datetime="2026-11-29T12:20:00+00:00">' in ann.get().text
    world.scheduler.add(MONITOR, "cron(50 * * * ? *)", group=DEFAULT_GROUP)
    world.now += timedelta(minutes=1)
    assert "2026-11-29 12:50 UTC" in ann.get().text
    world.scheduler.add(MONITOR, "cron(50 * * * ? *)", group=DEFAULT_GROUP, State="DISABLED")
    world.now += timedelta(minutes=1)
    assert "monitoring's schedule is off" in ann.get().text
    del world.scheduler.schedules[DEFAULT_GROUP, MONITOR]
    world.now += timedelta(minutes=1)
    assert "when monitoring looks next isn't known" in ann.get().text


def test_a_training_on_users_events_comes_with_the_run_of_monitoring_in_which_its_due(
    world: World, ann: Visitor
) -> None:
    plan(world, NextTraining(due=NOW + timedelta(days=2, minutes=5), source="events"))
    page = ann.get().text
    assert "Trained again on its users&#39; events from" in page
    assert "2026-12-01 12:20 UTC" in page
    assert "Trained again on its users&#39; events" in ann.get("/console/models/churn").text


def test_a_training_that_is_due_waits_for_the_next_run_and_says_for_what_else(world: World, ann: Visitor) -> None:
    plan(world, NextTraining(due=NOW - timedelta(days=2), source="events", waits="12 of 1,000 events since Monday"))
    page = ann.get().text
    assert "2026-11-29 12:20 UTC</time> on, waiting: 12 of 1,000 events since Monday." in page


def test_a_training_on_new_truths_comes_once_they_are_enough(world: World, ann: Visitor) -> None:
    plan(world, NextTraining(due=NOW + timedelta(hours=12, minutes=20), source="feedback"))
    page = ann.get().text
    assert "Trained again on new truths from" in page
    assert "2026-11-30 00:20 UTC</time> on, once they're enough." in page


def test_nothing_is_announced_where_monitoring_doesnt_run(world: World, ann: Visitor) -> None:
    plan(world, NextTraining(due=NOW, source="events"))
    world.scheduler.add(MONITOR, "cron(20 * * * ? *)", group=DEFAULT_GROUP, State="DISABLED")
    assert "Trained again" not in ann.get().text
