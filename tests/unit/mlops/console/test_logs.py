"""Logs: the stack's saved queries, of a model's lines or of all, and of how long."""

import csv
import io
from datetime import timedelta

import pytest

from tests.console_services import definitions
from tests.console_traffic import add_mixed_model, add_model, add_traffic
from tests.console_world import Visitor, World

LOGS = "/console/models/tumours/logs"
NAMES = ("challenger", "errors", "predictions", "trainings", "versions")


@pytest.fixture
def lines(world: World) -> list[str]:
    """Lines of two models; the ids of the predictions of one."""
    contract = add_model(world)
    ids = add_traffic(world, "tumours", contract, delivered=0)
    add_mixed_model(world)
    world.logs.lines += [
        {**world.logs.lines[0], "model": "prices", "value": 7.5},
        {"timestamp": world.now.isoformat(), "level": "ERROR", "message": "Task timed out after 29 seconds"},
    ]
    return ids


def test_the_queries_of_the_template_can_be_chosen_and_none_is_asked_by_itself(world: World, ann: Visitor) -> None:
    add_model(world)
    page = ann.get(LOGS).text
    for name in NAMES:
        assert f'<option value="{name}">' in page, name
    assert "Choose what to ask" in page
    assert world.logs.asked == []
    assert {each["name"].removeprefix("mlops/") for each in definitions()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_query_can_be_asked_of_a_model(world: World, lines: list[str], ann: Visitor, name: str) -> None:
    answer = ann.get(f"{LOGS}?query={name}&since=1d")
    assert answer.status_code == 200
    assert lines
    assert world.logs.asked[0]["queryString"].startswith('filter model = "tumours"\n| ')
    assert ("Nothing in the last 24 hours" in answer.text) == (name in ("challenger", "errors", "trainings"))


def test_a_query_reads_one_models_lines_or_all(world: World, lines: list[str], ann: Visitor) -> None:
    own = ann.get(f"{LOGS}?query=versions").text
    assert f"<td>{len(lines)}</td>" in own
    assert "prices" not in own
    assert "prices" in ann.get(f"{LOGS}?query=versions&scope=all").text
    assert "timed out after 29" in ann.get(f"{LOGS}?query=errors&scope=all").text
    assert "timed out after 29" not in ann.get(f"{LOGS}?query=errors").text


def test_predictions_lead_to_their_pages(lines: list[str], ann: Visitor) -> None:
    assert f'href="/console/models/tumours/predictions/{lines[0]}"' in ann.get(f"{LOGS}?query=predictions").text


def test_a_query_looks_back_as_far_as_its_told_to(world: World, lines: list[str], ann: Visitor) -> None:
    for since, seconds in (("15m", 900), ("7d", 7 * 86_400), ("evil", 3_600)):
        ann.get(f"{LOGS}?query=predictions&since={since}")
        asked = world.logs.asked[-1]
        assert asked["endTime"] - asked["startTime"] == seconds + 1
    assert lines


def test_a_key_of_some_models_asks_for_their_lines_alone(world: World, lines: list[str]) -> None:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": world.make_key(models=("tumours",))})
    page = visitor.get(f"{LOGS}?query=versions").text
    assert "of all models" not in page
    assert f"<td>{len(lines)}</td>" in page
    for path in (f"{LOGS}?query=versions&scope=all", f"{LOGS}.csv?query=versions&scope=all"):
        assert visitor.get(path).status_code == 403


def test_all_rows_are_there_as_csv(world: World, ann: Visitor) -> None:
    ids = add_traffic(world, "tumours", add_model(world), logged=30, delivered=0)
    rows = list(csv.DictReader(io.StringIO(ann.get(f"{LOGS}.csv?query=predictions").text)))
    assert [row["prediction_id"] for row in rows] == ids[:20]
    assert ann.get(f"{LOGS}.csv?query=none").text.strip() == ""


def test_a_query_that_nobody_saved_is_none(world: World, lines: list[str], ann: Visitor) -> None:
    assert "There is no such query" in ann.get(f"{LOGS}?query=evil").text
    assert world.logs.asked == []
    assert lines


def test_logs_that_cant_be_read_are_said_not_to(world: World, lines: list[str], ann: Visitor) -> None:
    world.logs.failing = True
    assert "CloudWatch Logs doesn&#39;t answer" in ann.get(f"{LOGS}?query=versions").text
    assert ann.get(f"{LOGS}.csv?query=versions").status_code == 503
    world.logs.failing = False
    assert f"<td>{len(lines)}</td>" in ann.get(f"{LOGS}?query=versions").text


def test_the_same_question_is_asked_once_in_some_seconds(world: World, lines: list[str], ann: Visitor) -> None:
    for _ in range(3):
        ann.get(f"{LOGS}?query=versions")
    assert len(world.logs.asked) == 1
    world.now += timedelta(seconds=6)
    ann.get(f"{LOGS}?query=versions")
    assert len(world.logs.asked) == 2
    assert lines
