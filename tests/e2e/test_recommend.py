"""What somebody does in a shop changes what the shop recommends: over HTTP, through every instance of the API."""

import gzip
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from localaws_testing.waiting import wait_until
from loop.privacy_key import read_privacy_key
from mlops.artifact.recommender.histories import hash_user
from mlops.registry.store import open_store
from tests.e2e.conftest import ROOT, Loop
from tests.unit.mlops.serving.recommend.shop import put_shop

AT_ONCE = 8
MODEL = "corner-shop"
RECOMMEND, FEEDBACK = f"/models/{MODEL}/recommend", f"/models/{MODEL}/feedback"


@pytest.fixture(scope="module")
def shop(loop: Loop) -> Iterator[Loop]:
    """The loop with a recommender whose answers are known: each item speaks for the one after it."""
    key = read_privacy_key(ROOT / ".localaws")
    put_shop(open_store(f"s3://{loop.stack.outputs['ModelsBucketName']}"), model=MODEL, key=key)

    def is_known_everywhere() -> bool:
        """Whether every instance has found the new model: each lists the registry in its own time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = pool.map(lambda _: loop.api.post(RECOMMEND, json={"user": "nobody"}, timeout=60), range(AT_ONCE))
            return all(answer.status_code == 200 for answer in answers)

    assert wait_until(is_known_everywhere, 30)
    yield loop


def ask(shop: Loop, body: dict[str, Any]) -> Any:
    answer = shop.api.post(RECOMMEND, json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask_everywhere(shop: Loop, user: str) -> list[Any]:
    """The answers to one question that several clients ask at once, so that several instances answer."""

    def ask_anew(_: int) -> Any:
        with shop.started.connect(timeout=60) as api:
            answer = api.post(RECOMMEND, json={"user": user, "k": 3})
        assert answer.status_code == 200, answer.text
        return answer.json()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*pool.map(ask_anew, range(2 * AT_ONCE))]


def count_instances(shop: Loop) -> int:
    """Each instance of a function writes a log stream of its own."""
    group = shop.stack.outputs["ApiLogGroup"]
    return len(shop.stack.logs.describe_log_streams(logGroupName=group)["logStreams"])


def act(shop: Loop, user: str, name: str, item: str) -> None:
    now = datetime.now(UTC).isoformat()
    event = {"id": str(uuid4()), "user": user, "item": item, "event": name, "time": now}
    answer = shop.api.post(FEEDBACK, json=event, timeout=60)
    assert (answer.status_code, answer.json()["recent"]) == (202, True), answer.text


@pytest.mark.usefixtures("calls_on_record")
def test_a_click_changes_the_first_answer_after_its_202_through_every_instance(shop: Loop) -> None:
    user = f"user-{uuid4()}"
    before = ask_everywhere(shop, user)
    assert {each["basis"] for each in before} == {"trending"}
    assert wait_until(lambda: count_instances(shop) > 1), "the requests at once have started no second instance"
    act(shop, user, "view", "i8")
    for found in ask_everywhere(shop, user):
        assert (found["basis"], found["history"]["unavailable"]) == ("history", [])
        assert [each["item"] for each in found["items"]][:2] == ["i9", "i10"]
    act(shop, user, "dislike", "i9")
    for found in ask_everywhere(shop, user):
        assert found["items"][0]["item"] == "i10"
        assert "i9" not in {each["item"] for each in found["items"]}


def test_the_command_recommends_to_a_user_by_what_was_reported(shop: Loop) -> None:
    user = f"user-{uuid4()}"
    act(shop, user, "purchase", "i4")
    words = [str(ROOT / "scripts/mlops"), "recommend", user, "--model", MODEL, "-k", "1", "--explain", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (item,) = json.loads(done.stdout)["items"]
    assert (item["item"], item["score"]) == ("i5", 3.0)
    assert item["because"] == [{"item": "i4", "title": "Item 4", "event": "purchase", "contribution": 3.0}]


def test_events_lie_in_the_records_bucket_when_they_are_acknowledged(shop: Loop) -> None:
    bucket, prefix = shop.stack.outputs["RecordsBucketName"], f"records/kind=event/model={MODEL}/"

    def list_keys() -> set[str]:
        listed = shop.stack.s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
        return {each["Key"] for each in listed.get("Contents", [])}

    before, user = list_keys(), f"user-{uuid4()}"
    act(shop, user, "view", "i1")
    (key,) = list_keys() - before
    content = shop.stack.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    (event,) = map(json.loads, gzip.decompress(content).splitlines())
    assert (event["item"], event["event"]) == ("i1", "view")
    # Without a key the record would have no user, and nothing could be learnt from it.
    hidden = hash_user("customer", user, read_privacy_key(ROOT / ".localaws").encode())
    assert event["user"] == hidden.hex()


def test_a_user_of_the_training_data_is_known_under_the_keys_hash(shop: Loop) -> None:
    found = ask(shop, {"user": "ann", "k": 1})
    assert (found["basis"], found["history"]["sources"]) == ("history", {"training": 2})
    assert [each["item"] for each in found["items"]] == ["i1"]
