"""Trainings, batches and queues in a real browser: how they look, what people do, and texts that do nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from mlops.operations.history import History
from tests.browser.conftest import Site, fill, serve
from tests.browser.looks import SCHEMES, WIDTHS, faults_of_pages, open_harmless, pages_too_wide, pixels_beyond
from tests.console_operations import TRAIN_DEAD, TRIALS, fill_operations, upload
from tests.console_world import HOSTILE, World

TIMEOUT = 30_000
"""Milliseconds for what comes by itself, every few seconds."""
PAGES = {
    "trainings": "/console/trainings",
    "trainings of a model": "/console/models/churn/trainings",
    "training that runs": "/console/models/churn/trainings/2026-11.csv",
    "training that waits": "/console/models/churn/trainings/queued.csv",
    "training that is tried again": "/console/models/diagnosis/trainings/late.csv",
    "training that was rejected": "/console/models/churn/trainings/rejected.csv",
    "batches": "/console/batches",
    "batch that is done": "/console/batches/churn-done",
    "batch that failed": "/console/batches/churn-failed",
    "batch that runs": "/console/batches/churn-running",
    "queues": "/console/queues",
    "dead letters": "/console/queues/train",
    "no dead letters": "/console/queues/ingest",
    "no such batch": "/console/batches/none",
}


@pytest.fixture
def busy(browser: Browser) -> Iterator[Site]:
    """A console of a test's own, with trainings, batches and dead letters of each kind."""
    with serve(make_busy(), browser) as found:
        yield found


@pytest.fixture(scope="module")
def shown(browser: Browser) -> Iterator[Site]:
    """The same, for tests that only look."""
    with serve(make_busy(), browser) as found:
        yield found


def make_busy() -> World:
    # A store in memory dates its objects by the machine's clock.
    world = fill(World(now=datetime.now(UTC)))
    fill_operations(world.operations, world.now)
    world.scheduler.add("weekly", "cron(0 5 ? * MON *)", model="churn", ScheduleExpressionTimezone="Europe/Berlin")
    world.scheduler.add("paused", "rate(1 day)", model="diagnosis", State="DISABLED")
    world.scheduler.add("odd", "cron(0 3 * * ? *)", model="leaves", ScheduleExpressionTimezone="Middle/Earth")
    return world


def unfold(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).first.click()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault_on_any_page(shown: Site, scheme: str) -> None:
    assert faults_of_pages(shown, PAGES, scheme) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_screen(shown: Site, width: int) -> None:
    assert pages_too_wide(shown, PAGES, width) == {}


def test_without_javascript_each_page_shows_the_same(shown: Site) -> None:
    page = shown.sign_in(java_script_enabled=False)
    for path in PAGES.values():
        assert page.goto(path)
        assert page.locator("h1").count() == 1
    page.goto(PAGES["training that runs"])
    assert page.locator("time", has_text="UTC").count() > 4


@pytest.mark.parametrize("scripts", [True, False])
def test_the_next_batch_of_a_model_leads_to_its_schedule(shown: Site, scripts: bool) -> None:
    page = shown.sign_in(java_script_enabled=scripts, timezone_id="Asia/Tokyo")
    page.get_by_role("link", name="nightly").click()
    row = page.get_by_role("group", name="Schedules").locator("tbody tr").first
    expect(row).to_contain_text("nightly")
    expect(row).to_contain_text("12:00" if scripts else "03:00 UTC")
    with page.expect_download() as found:
        page.get_by_role("link", name="Schedules as CSV").click()
    assert found.value.path().read_text().startswith("schedule,model,input,when")


def test_trials_appear_as_they_come(busy: Site) -> None:
    page = busy.sign_in(path="/console/models/churn/trainings/2026-11.csv", timezone_id="Asia/Tokyo")
    expect(page.locator("tbody tr").first).to_contain_text("naive-bayes")
    more = (*TRIALS, "trial 5 of at most 20: extra-trees, its own parameters: roc_auc 0.9950")
    busy.world.operations.add_training("datasets/churn/2026-11.csv", busy.world.now, steps=more)
    expect(page.locator("tbody tr").first).to_contain_text("extra-trees", timeout=TIMEOUT)
    expect(page.get_by_text("The best of 5 trials: extra-trees")).to_be_visible()
    # What came by itself has the viewer's times too.
    expect(page.locator("time:not([title$='UTC'])")).to_have_count(0)


def test_a_training_that_ends_gets_its_outcome_by_itself(busy: Site) -> None:
    page = busy.sign_in(path="/console/trainings")
    expect(page.locator(".card", has_text="2026-11.csv")).to_be_visible()
    report = {"outcome": "promoted", "reason": "version 5 passed its gates", "version": 5}
    busy.world.operations.add_training("datasets/churn/2026-11.csv", busy.world.now, steps=TRIALS, report=report)
    busy.world.now += timedelta(seconds=10)  # a list is believed for some seconds
    row = page.locator("tr", has_text="2026-11.csv")
    expect(row).to_contain_text("version 5 passed its gates", timeout=TIMEOUT)


@pytest.mark.parametrize("scripts", [True, False])
def test_dead_letters_are_looked_at_and_moved_back(busy: Site, scripts: bool) -> None:
    page = busy.sign_in(path="/console/queues", java_script_enabled=scripts)
    page.get_by_role("link", name="Trainings").click()
    unfold(page, "The whole message")
    expect(page.locator("pre").first).to_contain_text('"source": "aws.s3"')
    unfold(page, "Move them back")
    page.get_by_label("Reason").fill("S3 answers again")
    page.get_by_role("button", name="Move 2 dead letters back").click()
    expect(page.get_by_role("status")).to_contain_text("2 dead letters moved back")
    expect(page.get_by_text("There is none.")).to_be_visible()
    (record,) = History(busy.world.records, lambda: busy.world.now).list("queues/train")
    assert (record.by, record.why) == ("ann", "S3 answers again")


def test_of_two_people_at_once_the_second_moves_nothing(busy: Site) -> None:
    ann, bob = busy.sign_in("ann", "/console/queues/train"), busy.sign_in("bob", "/console/queues/train")
    for page in (ann, bob):
        unfold(page, "Move them back")
        page.get_by_label("Reason").fill("to see")
    ann.get_by_role("button", name="Move 2 dead letters back").click()
    expect(ann.get_by_role("status")).to_be_visible()
    busy.world.operations.sqs.add(TRAIN_DEAD, upload("datasets/churn/new.csv"), busy.world.now)
    bob.get_by_role("button", name="Move 2 dead letters back").click()
    expect(bob.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    assert len(busy.world.operations.sqs.tasks) == 1


def test_no_reason_no_move(busy: Site) -> None:
    page = busy.sign_in(path="/console/queues/train")
    unfold(page, "Move them back")
    page.get_by_role("button", name="Move 2 dead letters back").click()
    assert page.evaluate("document.activeElement.name") == "why"
    assert busy.world.operations.sqs.tasks == []


def test_what_a_failed_batch_left_is_scored_and_its_progress_comes_by_itself(busy: Site) -> None:
    page = busy.sign_in(path="/console/batches")
    page.get_by_role("link", name="churn-failed").click()
    unfold(page, "Score what is left")
    page.get_by_label("Reason").fill("the file is back")
    page.get_by_role("button", name="Score what is left of it").click()
    page.wait_for_url("**redriven=churn-failed")
    expect(page.locator(".chip", has_text="running")).to_be_visible()
    page.goto("/console/batches/churn-running")
    expect(page.get_by_text("3 of 10 chunks")).to_be_visible()
    machine = busy.world.operations.machine
    machine.executions["churn-running"].counts = {**machine.executions["churn-running"].counts, "succeeded": 6}
    busy.world.now += timedelta(seconds=10)
    expect(page.get_by_text("6 of 10 chunks")).to_be_visible(timeout=TIMEOUT)


def test_who_may_only_look_finds_no_form(busy: Site) -> None:
    page = busy.open()
    page.goto("/console/queues/train")
    page.get_by_label("Your key").fill(busy.world.make_key())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/queues/train")
    expect(page.get_by_text("bob, may only look")).to_be_visible()
    expect(page.locator("summary", has_text="Move them back")).to_have_count(0)
    page.goto("/console/batches/churn-failed")
    expect(page.locator("summary", has_text="Score what is left")).to_have_count(0)


def test_the_trials_are_downloaded(busy: Site) -> None:
    page = busy.sign_in(path="/console/models/churn/trainings/2026-11.csv")
    with page.expect_download() as found:
        page.get_by_role("link", name="Trials as CSV").click()
    assert found.value.suggested_filename == "churn-trials.csv"
    assert found.value.path().read_text().count("\n") == 5


def infect(world: World, text: str) -> None:
    """A training, a batch, dead letters and redrives whose every text is hostile."""
    operations, now = world.operations, world.now
    steps = (text, f"trial 1 of at most 9: {text}, {text}: accuracy 0.5", f"trial 2 of at most 9: a, b: {text}")
    operations.add_training("datasets/sick/a.csv", now, steps=steps)
    operations.add_training("datasets/sick/b.csv", now, steps=steps, state="retrying", reason=text)
    report = {"outcome": text, "reason": text, "violation_count": 2, "rejected": text}
    operations.add_training("datasets/sick/c.csv", now, steps=steps, report=report)
    example = {"file": text, "row": 1, "message": text}
    rejected = {"rows": 2, "reasons": {text: 2}, "examples": [example], "all": text}
    manifest = {"labels": {text: 5}, "rejected": rejected, "output": text, "inputs": [{"uri": text}]}
    request = {"model": "sick", "input": text, "key": [text]}
    operations.add_batch("sick-done", now, manifest=manifest, request=request)
    cause = json.dumps({"errorMessage": text})
    operations.add_batch("sick-failed", now, status="FAILED", error="E", cause=cause, failures=(text,), request=request)
    for body in (text, upload(f"datasets/{text}", text), {"requestPayload": text}):
        operations.sqs.add(TRAIN_DEAD, body, now, {"ERROR_CODE": "E", "ERROR_MESSAGE": text})
    history = History(world.records, lambda: now)
    for subject in ("queues/train", "batches/sick-failed"):
        history.redrive(subject, lambda: text, by=text, why=text)


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_hostile_texts_do_nothing(browser: Browser, place: int) -> None:
    world = World(now=datetime.now(UTC))
    infect(world, HOSTILE[place])
    with serve(world, browser) as site:
        page = site.sign_in(HOSTILE[place][:200])
        for path in (
            "trainings",
            "models/sick/trainings",
            "models/sick/trainings/a.csv",
            "models/sick/trainings/b.csv",
            "models/sick/trainings/c.csv",
            "batches",
            "batches/sick-done",
            "batches/sick-failed",
            "queues",
            "queues/train",
        ):
            open_harmless(page, f"/console/{path}")
            assert HOSTILE[place][:12] in page.locator("body").inner_text(), path
            assert pixels_beyond(page) == 0, path


def test_hostile_addresses_do_nothing(busy: Site) -> None:
    page = busy.sign_in()
    for text in HOSTILE[:4]:
        quoted = text.replace("/", "%2F").replace("?", "%3F").replace("#", "%23")
        for path in ("queues/", "batches/", "models/churn/trainings/", "queues/train?moved=", "batches/none?redriven="):
            page.goto(f"/console/{path}{quoted}")
            assert page.title() != "broken in"
            assert page.locator("main").locator("img, [onerror], [onload]").count() == 0
