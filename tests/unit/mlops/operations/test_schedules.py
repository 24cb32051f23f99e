"""When schedules run next, by every form of their expressions, and what is read of them."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from localaws.events.schedule import compile_schedule
from mlops.operations.schedule_times import ExpressionInvalid, next_run
from mlops.operations.schedules import Schedule, Schedules
from tests.console_schedules import BATCHES, MADE, FakeScheduler

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)  # a Sunday
CRONS = (
    "20 * * * ? *",
    "0 3 * * ? *",
    "0/15 8-10,22 * * ? *",
    "0 12 1 * ? *",
    "0 12 L * ? *",
    "0 12 LW * ? *",
    "0 12 1W * ? *",
    "0 12 31W * ? *",
    "30 1 ? * MON-FRI *",
    "30 1 ? * FRI-MON *",
    "30 1 ? * 6L *",
    "30 1 ? * L *",
    "30 1 ? * 2#5 *",
    "0 0 29 FEB ? *",
    "0 0 1 1,APR-JUN ? 2027-2029",
    "59 23 31 12 ? 2026",
    "30 2 * * ? *",
    "*/7 */5 ? */2 1/2 *",
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("cron(20 * * * ? *)", "UTC", at("2026-11-29T12:20")),
        ("cron(0 3 * * ? *)", "UTC", at("2026-11-30T03:00")),
        ("cron(0 3 * * ? *)", "America/New_York", at("2026-11-30T08:00")),
        ("cron(0 12 * * ? *)", "UTC", at("2026-11-30T12:00")),  # now is no run after now
        ("cron(0 9 ? * 2#1 *)", "UTC", at("2026-12-07T09:00")),
        ("cron(0 0 29 2 ? *)", "UTC", at("2028-02-29T00:00")),
        ("cron(0 0 1 1 ? 2020)", "UTC", None),
        ("rate(1 day)", "UTC", at("2026-11-30T00:00")),
        ("rate(7 hours)", "UTC", at("2026-11-29T14:00")),
        ("at(2026-12-24T18:00:00)", "Europe/Berlin", at("2026-12-24T17:00")),
        ("at(2026-11-29T12:00:00)", "UTC", None),
    ],
)
def test_the_next_run_is_the_first_after_now(expression: str, zone: str, expected: datetime | None) -> None:
    assert next_run(expression, zone, NOW, MADE) == expected


@pytest.mark.parametrize(("cron", "zone"), [*product(CRONS, ZONES)])
def test_runs_are_those_of_local_aws(cron: str, zone: str) -> None:
    expression, moments = f"cron({cron})", (NOW, at("2027-03-28T00:30"), at("2027-10-31T00:30"), at("2028-02-28T23:59"))
    reference = compile_schedule(expression, zone, scheduler=True)
    for moment in moments:
        expected = reference(moment.timestamp(), 0)
        found = next_run(expression, zone, moment, MADE)
        assert (found.timestamp() if found else None) == expected, moment


def test_a_rate_begins_where_it_counts_from() -> None:
    later = NOW + timedelta(hours=1)
    assert next_run("rate(2 hours)", "UTC", NOW, later) == later
    assert next_run("rate(2 hours)", "UTC", later, later) == later + timedelta(hours=2)


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("daily", "UTC"),
        ("rate(0 days)", "UTC"),
        ("rate(1 month)", "UTC"),
        ("cron(0 3 * * *)", "UTC"),
        ("cron(0 3 * * * *)", "UTC"),
        ("cron(60 3 * * ? *)", "UTC"),
        ("cron(0 3 ? * SOMEDAY *)", "UTC"),
        ("cron(0 3 xW * ? *)", "UTC"),
        ("at(tomorrow)", "UTC"),
        ("cron(0 3 * * ? *)", "Middle/Earth"),
    ],
)
def test_what_cant_be_read_is_refused(expression: str, zone: str) -> None:
    with pytest.raises(ExpressionInvalid):
        next_run(expression, zone, NOW, MADE)


def find(**more: object) -> Schedule:
    scheduler = FakeScheduler()
    scheduler.add("nightly", "cron(0 3 * * ? *)", model="churn", **more)  # type: ignore[arg-type]
    found = Schedules(scheduler, BATCHES).find("nightly")
    assert found
    return found


def test_a_schedule_is_read_with_its_model_and_its_next_run() -> None:
    found = find()
    assert (found.model, found.request["input"]) == ("churn", "s3://data/batch/{date}/")
    assert found.next_run(NOW) == at("2026-11-30T03:00")


def test_a_schedule_that_is_disabled_over_or_unreadable_runs_no_more() -> None:
    assert find(State="DISABLED").next_run(NOW) is None
    assert find(EndDate=at("2026-11-30T02:00")).next_run(NOW) is None
    unreadable = find(ScheduleExpressionTimezone="Middle/Earth")
    assert unreadable.next_run(NOW) is None
    assert unreadable.unreadable == "the time zone Middle/Earth isn't known"


def test_a_schedule_that_starts_later_runs_from_then_on() -> None:
    assert find(StartDate=at("2026-12-24T04:00")).next_run(NOW) == at("2026-12-25T03:00")
    started = find(ScheduleExpression="rate(1 hour)", StartDate=at("2026-12-24T04:30"))
    assert started.next_run(at("2026-12-24T04:30")) == at("2026-12-24T05:30")


@pytest.mark.parametrize("given", ["no JSON", "[]", '"text"'])
def test_a_schedule_whose_input_is_no_request_names_no_model(given: str) -> None:
    assert find(Target={"Input": given}).model == ""


def test_all_schedules_of_a_group_are_found_and_one_that_is_gone_isnt() -> None:
    scheduler = FakeScheduler()
    for name in ("c", "a", "b", "e", "d"):
        scheduler.add(name, "rate(1 day)", model="churn")
    schedules = Schedules(scheduler, BATCHES)
    assert [each.name for each in schedules.list()] == ["a", "b", "c", "d", "e"]
    assert schedules.find("nothing") is None
