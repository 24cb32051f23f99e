"""The console's pages of what runs and what failed, on the running loop: trainings, batches, queues and redrives."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import boto3
import httpx
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from localaws_testing.waiting import wait_until
from loop.privacy_key import read_privacy_key
from mlops.registry.store import open_store
from tests.e2e.conftest import ROOT, Loop
from tests.unit.mlops.serving.recommend.shop import put_shop

TOKEN = re.compile(r'name="form_token" value="(\w+)"')
SHOP = "console-shop"
KEY = "datasets/diagnosis/nothing-like-it.csv"


def command(*words: str) -> str:
    done = CliRunner().invoke(app, [*words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def page(loop: Loop) -> Iterator[httpx.Client]:
    """A browser of somebody who signed in by a key."""
    words = ["keys", "create", "console-operator", "--scope", "read", "--scope", "operate", "--json"]
    key = json.loads(command(*words))["key"]
    with httpx.Client(base_url=loop.stack.outputs["ConsoleUrl"], timeout=60, follow_redirects=True) as client:
        assert "console-operator" in client.post("sign-in", data={"key": key}).text
        yield client
    command("keys", "revoke", "console-operator")


def act(page: httpx.Client, path: str, **fields: str | int) -> httpx.Response:
    token = TOKEN.search(page.get("").text)
    assert token
    return page.post(path, data={"form_token": token[1], "why": "to see", **fields})


def shows(page: httpx.Client, path: str, text: str) -> bool:
    """Whether a page soon has a text: what the console has read it believes for some seconds."""
    return wait_until(lambda: text in page.get(path).text, 120)


@pytest.mark.usefixtures("calls_on_record")
def test_what_runs_and_what_failed_is_shown_and_redriven(
    page: httpx.Client, loop: Loop, dataset: bytes, tmp_path: Path
) -> None:
    _look_at_the_training(page)
    _move_a_dead_letter_back(page, loop)
    _look_at_batches(page, loop, dataset, tmp_path)
    _ask_a_recommender(page, loop)


def _look_at_the_training(page: httpx.Client) -> None:
    listed = page.get("trainings")
    assert "diagnosis.csv" in listed.text
    assert "promoted" in listed.text
    one = page.get("models/diagnosis/trainings/diagnosis.csv")
    assert "Trials as CSV" in one.text
    trials = list(csv.DictReader(StringIO(page.get("models/diagnosis/trainings/diagnosis.csv/trials.csv").text)))
    assert [int(each["trial"]) for each in trials] == list(range(1, len(trials) + 1))
    assert all(float(each["score"]) > 0 for each in trials if not each["failure"])


def _move_a_dead_letter_back(page: httpx.Client, loop: Loop) -> None:
    """A letter about an object that isn't there: its training ends without a report, and the letter is gone."""
    sqs, outputs = boto3.client("sqs"), loop.stack.outputs
    detail = {"bucket": {"name": outputs["DataBucketName"]}, "object": {"key": KEY, "version-id": "none"}}
    letter = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
    sqs.send_message(QueueUrl=outputs["TrainDeadLettersUrl"], MessageBody=json.dumps(letter))
    assert shows(page, "queues", "1 dead letter")
    shown = page.get("queues/train")
    assert KEY in shown.text
    seen = int(re.findall(r'name="redrives" value="(\d+)"', shown.text)[0])
    answer = act(page, "queues/train/redrive", redrives=seen)
    assert "moved back to be tried anew" in answer.text
    assert act(page, "queues/train/redrive", redrives=seen).status_code == 409
    assert wait_until(lambda: json.loads(command("queues", "letters", "train", "--json")) == [], 60)
    assert shows(page, "queues/train", "to see")


def _look_at_batches(page: httpx.Client, loop: Loop, dataset: bytes, tmp_path: Path) -> None:
    contract = loop.api.get("/models/diagnosis").json()["contract"]
    names = [column["name"] for column in contract["columns"]]
    rows = [{name: row[name] for name in names} for row in csv.DictReader(StringIO(dataset.decode()))]
    file = tmp_path / "console.csv"
    with file.open("w", newline="") as text:
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(rows[:50])
    done = json.loads(command("batch", "run", "diagnosis", str(file), "--json"))["batch"]
    assert shows(page, "batches", done)
    one = page.get(f"batches/{done}").text
    assert "50 of 50 rows have an answer" in one
    assert "1 of 1 chunk" in one

    nothing = f"s3://{loop.stack.outputs['DataBucketName']}/batch/diagnosis/nothing.csv"
    failed = json.loads(command("batch", "run", "diagnosis", nothing, "--no-wait", "--json"))["batch"]
    assert shows(page, f"batches/{failed}", "Score what is left")
    answer = act(page, f"batches/{failed}/redrive", redrives=0)
    assert answer.status_code == 200
    assert "to see" in answer.text
    assert act(page, f"batches/{failed}/redrive", redrives=0).status_code == 409


def _ask_a_recommender(page: httpx.Client, loop: Loop) -> None:
    """In the shop's training data Ann bought item 0, which speaks for the next one."""
    models = open_store(f"s3://{loop.stack.outputs['ModelsBucketName']}")
    put_shop(models, model=SHOP, key=read_privacy_key(ROOT / ".localaws"))
    path = f"models/{SHOP}/recommend"
    assert shows(page, path, "Trending, for users")
    event = {"id": "e1", "user": "ann", "item": "i7", "event": "view", "time": datetime.now(UTC).isoformat()}
    assert loop.api.post(f"/models/{SHOP}/feedback", json=event).status_code == 202
    answer = act(page, path, user="ann", count=2)
    history = answer.text[answer.text.index("What the user did of late") :]
    assert history.index("view") < history.index("Item 7")
    assert "2 items of the training data" in answer.text
    assert "purchase of Item 0 (3.00)" in answer.text
    assert "Could not be read" not in answer.text
