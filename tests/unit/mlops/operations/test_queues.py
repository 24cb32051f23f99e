"""Dead letters are looked at without being hidden, and moved back once, with who, when and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from obstore.store import MemoryStore

from mlops.errors.operations import QueueNotFound, RedriveOvertaken, RedriveRefused
from mlops.operations.history import History
from mlops.operations.letters import Letter
from mlops.operations.queues import Queues, list_places, redrive_letters
from tests.console_operations import MONITOR_DEAD, TRAIN, TRAIN_DEAD, URLS, FakeAges, FakeSqs, upload

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def sqs() -> FakeSqs:
    return FakeSqs()


@pytest.fixture
def queues(sqs: FakeSqs) -> Queues:
    return Queues(list_places(URLS), sqs, FakeAges(), lambda: NOW)


@pytest.fixture
def history() -> History:
    return History(MemoryStore(), lambda: NOW)


def test_each_queue_has_its_depth_its_age_and_its_dead_letters(queues: Queues, sqs: FakeSqs) -> None:
    sqs.add(TRAIN, upload("datasets/churn/a.csv"), NOW)
    sqs.add(MONITOR_DEAD, {}, NOW)
    train, ingest, monitor = queues.states()
    assert (train.place.name, train.depth and train.depth.waiting, train.dead, train.oldest) == ("train", 1, 0, 75.0)
    assert (ingest.place.name, ingest.depth and ingest.depth.waiting) == ("ingest", 0)
    assert (monitor.depth, monitor.dead, monitor.oldest) == (None, 1, None)


def test_letters_are_shown_the_oldest_first_and_stay(queues: Queues, sqs: FakeSqs) -> None:
    sqs.add(TRAIN_DEAD, upload("datasets/churn/late.csv"), NOW)
    sqs.add(TRAIN_DEAD, upload("datasets/churn/early.csv"), NOW - timedelta(hours=1))
    first, second = queues.letters("train")
    assert (first.about, first.model, first.tries) == ("s3://data/datasets/churn/early.csv", "churn", 3)
    assert second.sent == NOW
    assert len(sqs.messages[TRAIN_DEAD]) == 2
    assert queues.letters("ingest") == []


def _message(body: Any, **attributes: str) -> dict[str, Any]:
    sqs = FakeSqs()
    sqs.add(TRAIN_DEAD, body, NOW, attributes)
    return sqs.messages[TRAIN_DEAD][0]


@pytest.mark.parametrize(
    ("body", "attributes", "about", "model", "reason"),
    [
        (upload("feedback/churn/truths.csv"), {}, "s3://data/feedback/churn/truths.csv", "churn", None),
        (upload("errors/model=a/day=1/x"), {}, "s3://data/errors/model=a/day=1/x", "a", None),
        ("no JSON at all", {}, "no JSON", None, None),
        (
            {
                "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 2},
                "requestPayload": {"time": "12:20"},
                "responsePayload": {"errorMessage": "S3 doesn't answer"},
            },
            {},
            'call {"time": "12:20"}',
            None,
            "S3 doesn't answer (RetriesExhausted after 2 tries)",
        ),
        (
            {"time": "12:20"},
            {"ERROR_CODE": "ThrottlingException", "ERROR_MESSAGE": "Rate exceeded"},
            'call {"time": "12:20"}',
            None,
            "ThrottlingException: Rate exceeded",
        ),
        (["odd"], {}, 'call ["odd"]', None, None),
    ],
)
def test_a_letter_says_what_it_is_about_and_why_it_failed(
    body: Any, attributes: dict[str, str], about: str, model: str | None, reason: str | None
) -> None:
    letter = Letter.read(_message(body, **attributes))
    assert (letter.about, letter.model, letter.reason) == (about, model, reason)


def test_letters_are_moved_back_with_who_when_and_why(queues: Queues, sqs: FakeSqs, history: History) -> None:
    sqs.add(TRAIN_DEAD, upload("datasets/churn/a.csv"), NOW)
    done = redrive_letters(queues, history, "train", by="ann", why="the cause is mended", seen=0)
    assert (len(sqs.messages[TRAIN]), len(sqs.messages[TRAIN_DEAD])) == (1, 0)
    assert (done.number, done.at, done.by, done.why) == (1, NOW, "ann", "the cause is mended")
    assert "1 dead letter moved back" in done.what
    assert history.list("queues/train") == [done]
    assert queues.moves("train")[0].moved == 1
    assert queues.moves("monitor") == []


def test_of_two_who_saw_the_same_one_moves(queues: Queues, sqs: FakeSqs, history: History) -> None:
    for _ in range(2):
        sqs.add(TRAIN_DEAD, upload("datasets/churn/a.csv"), NOW)
    redrive_letters(queues, history, "train", by="ann", why="x", seen=0)
    sqs.add(TRAIN_DEAD, upload("datasets/churn/b.csv"), NOW)
    with pytest.raises(RedriveOvertaken):
        redrive_letters(queues, history, "train", by="bob", why="y", seen=0)
    assert len(sqs.tasks) == 1
    redrive_letters(queues, history, "train", by="bob", why="y")
    assert [each.by for each in history.list("queues/train")] == ["ann", "bob"]


def test_what_sqs_moves_already_is_refused_and_the_attempt_recorded(
    queues: Queues, sqs: FakeSqs, history: History
) -> None:
    sqs.slow = True
    sqs.add(TRAIN_DEAD, upload("datasets/churn/a.csv"), NOW)
    redrive_letters(queues, history, "train", by="ann", why="x", seen=0)
    with pytest.raises(RedriveRefused, match="moving them already"):
        redrive_letters(queues, history, "train", by="bob", why="y", seen=1)
    assert "couldn't be done" in history.list("queues/train")[1].what


@pytest.mark.parametrize("name", ["train", "monitor"])
def test_where_nothing_can_be_moved_nothing_is_recorded(queues: Queues, history: History, name: str) -> None:
    with pytest.raises(RedriveRefused):
        redrive_letters(queues, history, name, by="ann", why="x", seen=0)
    assert history.list(f"queues/{name}") == []


def test_another_name_is_refused_with_the_names_that_there_are(queues: Queues) -> None:
    with pytest.raises(QueueNotFound, match="train, ingest, monitor"):
        queues.letters("evil")
