"""`mlops queues` shows what waits and what failed, and moves it back with who and why."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from obstore.store import MemoryStore
from typer.testing import CliRunner

from cli import queues
from cli.__main__ import app
from mlops.errors.operations import RedriveRefused
from mlops.operations.history import History
from mlops.operations.queues import Queues, list_places
from tests.console_operations import TRAIN, TRAIN_DEAD, URLS, FakeAges, FakeSqs, upload

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> FakeSqs:
    """The queues of the stack, with one dead letter of trainings."""
    found, history = FakeSqs(), History(MemoryStore(), lambda: NOW)
    found.add(TRAIN_DEAD, upload("datasets/churn/a.csv"), NOW - timedelta(hours=1))
    monkeypatch.setattr(queues, "_open", lambda _: Queues(list_places(URLS), found, FakeAges(), lambda: NOW))
    monkeypatch.setattr(queues, "open_history", lambda _: history)
    return found


def test_status_and_letters_say_what_waits_and_what_failed(sqs: FakeSqs) -> None:
    shown = CliRunner().invoke(app, ["queues", "status"])
    assert "dead letters" in shown.stdout
    states = json.loads(CliRunner().invoke(app, ["queues", "status", "--json"]).stdout)
    assert [(each["queue"], each["dead letters"]) for each in states] == [("train", 1), ("ingest", 0), ("monitor", 0)]
    assert "s3://data/datasets/churn/a.csv" in CliRunner().invoke(app, ["queues", "letters", "train"]).stdout
    assert len(sqs.messages[TRAIN_DEAD]) == 1


def test_a_redrive_moves_them_and_says_who_and_why(sqs: FakeSqs) -> None:
    words = ["queues", "redrive", "train", "--why", "S3 is back", "--by", "ann", "--json"]
    done = json.loads(CliRunner().invoke(app, words).stdout)
    assert (done["number"], done["by"], done["why"]) == (1, "ann", "S3 is back")
    assert len(sqs.messages[TRAIN]) == 1
    again = CliRunner().invoke(app, ["queues", "redrive", "train"])
    assert isinstance(again.exception, RedriveRefused)
