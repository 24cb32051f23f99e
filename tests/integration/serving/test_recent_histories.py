"""Users' recent events in DynamoDB, over its real protocol: many at once, with every call failing now and then."""

import asyncio
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, RemoteDisconnected
from io import BytesIO, TextIOWrapper
from random import Random
from threading import Lock, local
from typing import Any

import boto3
import httpx
import numpy as np
import obstore
import pytest
from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from mlops.artifact.history import History, history
from mlops.artifact.recommender.histories import hash_user
from mlops.artifact.recommender.ranking import Ranking
from mlops.dynamodb import DynamoDb
from mlops.errors.authorization import TableUnavailable
from mlops.registry.store import Store
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recommend.recent import RecentEvents, UserEvent, read_item
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger
from tests.integration.serving.histories import TABLE, make_table
from tests.unit.mlops.serving.recommend.shop import EVENTS, IDS, KEY, SHOP, make_contract, put_shop

USERS, EVENTS_SENT, INSTANCES, THREADS = 1_000, 10_000, 3, 8
ASKED = 100  # users who are recommended to at the end: moto sorts its whole table for each
SHARE = 0.04  # of the calls that fail, in each way
FEEDBACK = f"/models/{SHOP}/feedback"


class Faults:
    """Says which calls fail, the same way each time for the same number of calls."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._lock = Lock()
        self.injected = defaultdict[str, int](int)

    def strike(self, *ways: str) -> str | None:
        """One of the ways in which a call may fail, or None."""
        with self._lock:
            drawn = self._random.random()
            for number, way in enumerate(ways):
                if drawn < (number + 1) * SHARE:
                    self.injected[way] += 1
                    return way
        return None


class FaultyDynamoDb(DynamoDb):
    """A client whose network and table fail now and then: before a call, after it, or for a part of it."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(os.environ, None)
        self._faults = faults

    def _send(self, operation: str, content: bytes, timeout: float) -> tuple[int, bytes]:
        match self._faults.strike("table lost before", "table lost after", "throttled", "table failed", "unprocessed"):
            case "table lost before":
                raise ConnectionResetError("before the call")
            case "table lost after":
                super()._send(operation, content, timeout)
                raise ConnectionResetError("after the call")
            case "throttled":
                return 400, b'{"__type": "x#ProvisionedThroughputExceededException"}'
            case "table failed":
                return 500, b'{"__type": "x#InternalServerError"}'
            case "unprocessed" if operation == "BatchWriteItem":
                return self._send_half(content, timeout)
        return super()._send(operation, content, timeout)

    def _send_half(self, content: bytes, timeout: float) -> tuple[int, bytes]:
        ((name, items),) = json.loads(content)["RequestItems"].items()
        half, rest = items[: len(items) // 2], items[len(items) // 2 :]
        if half:
            body = json.dumps({"RequestItems": {name: half}}).encode()
            assert super()._send("BatchWriteItem", body, timeout)[0] == 200
        return 200, json.dumps({"UnprocessedItems": {name: rest}}).encode()


class Instance:
    """An instance of the API of its own: its models, its clients, its memory."""

    def __init__(self, app: Any) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://api")

    def ask(self, path: str, body: Any) -> httpx.Response:
        """Post to it, in this thread's event loop."""
        if not hasattr(_loops, "loop"):
            _loops.loop = asyncio.new_event_loop()
            _made.append(_loops.loop)
        answer: httpx.Response = _loops.loop.run_until_complete(self._client.post(path, json=body))
        return answer

    def insist(self, path: str, body: Any) -> httpx.Response:
        """Post until it's taken, as a client does that is told to try again."""
        for _ in range(50):
            answer = self.ask(path, body)
            if answer.status_code != 503:
                return answer
        raise AssertionError(f"{path} answered 503 fifty times")


_loops = local()
_made: list[asyncio.AbstractEventLoop] = []


@pytest.fixture(autouse=True)
def _close_loops() -> Iterator[None]:
    yield
    for loop in _made:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    _made.clear()
    vars(_loops).clear()


@pytest.fixture
def table(s3: str) -> Any:
    """A client of DynamoDB that has the table."""
    client = boto3.client("dynamodb", region_name="us-east-1")
    make_table(client)
    return client


def start(store: Store, records: Store, client: DynamoDb) -> Instance:
    """An instance of the API."""
    settings = ApiSettings(models_bucket="m", records_bucket="r", default_model=SHOP, authorization="open")
    log = ServingLog(make_logger(TextIOWrapper(BytesIO())), KEY, Recording())
    models = ServedModels(store, settings, log)
    models.warm_up()
    recent = RecentEvents(TABLE, client, days=90)
    return Instance(create_app(settings, store, models, log, lambda: records, lambda: recent))


def make_events(random: Random) -> list[dict[str, Any]]:
    """What users do within an hour; times repeat."""
    now = datetime.now(UTC).replace(microsecond=0)
    names = list(EVENTS)
    return [
        {
            "id": f"event-{number}",
            "user": f"user-{random.randrange(USERS)}",
            "item": random.choice(IDS),
            "event": random.choice(names),
            "time": (now - timedelta(seconds=random.randrange(3600))).isoformat(),
        }
        for number in range(EVENTS_SENT)
    ]


def make_batches(random: Random, events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The events in requests of different sizes, some of which are sent twice."""
    batches = []
    while events:
        size = random.randint(1, 40)
        batches.append(events[:size])
        events = events[size:]
    batches += random.sample(batches, len(batches) // 10)
    random.shuffle(batches)
    return batches


def check_answer(instance: Instance, ranking: Ranking, user: str, events: list[dict[str, Any]]) -> None:
    """Compare what a user is recommended with what the rule and the model say of the user's events."""
    while True:
        found = instance.insist("/recommend", {"user": user, "k": 20}).json()
        if not found["history"]["unavailable"]:  # else half a second of faults was up: the answer said so
            break
    expected = history_of(events)
    assert found["history"]["items"] == len(expected.items), user
    if not expected.weights.any():
        assert found["basis"] == "trending"
        return
    ranked = ranking.rank(expected, 20)
    answer = [(each["item"], each["score"]) for each in found["items"]]
    scores = ranked.scores.tolist()
    assert answer == [(IDS[item], score) for item, score in zip(ranked.items.tolist(), scores, strict=True)]


def history_of(events: list[dict[str, Any]]) -> History:
    """The rule, on all of a user's events at once."""
    contract = make_contract()
    telling = [each for each in events if EVENTS[each["event"]] is not None]
    return history(
        np.array([IDS.index(each["item"]) for each in telling], dtype=np.int64),
        np.array([contract.weigh(each["event"]) for each in telling], dtype=np.float64),
        np.array([datetime.fromisoformat(each["time"]).timestamp() * 1000 for each in telling], dtype=np.int64),
    )


def read_lines(records: Store) -> list[dict[str, Any]]:
    keys = [each["path"] for batch in obstore.list(records) for each in batch]
    contents = [gzip.decompress(bytes(obstore.get(records, key).bytes())) for key in keys]
    return [json.loads(line) for content in contents for line in content.splitlines()]


def read_table(table: Any) -> dict[str, list[UserEvent]]:
    """All events in the table, by the key of their user."""
    held = defaultdict[str, list[UserEvent]](list)
    for page in table.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
        for item in page["Items"]:
            held[item["user"]["S"]].append(read_item(item))
    return held


def test_10000_concurrent_events_are_neither_lost_nor_doubled_whatever_fails(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    random, faults = Random(7), Faults(8)
    store, records = MemoryStore(), MemoryStore()
    put_shop(store)
    put = obstore.put

    def put_or_fail(into: Store, *arguments: Any, **options: Any) -> Any:
        way = faults.strike("bucket lost before", "bucket lost after") if into is records else None
        if way == "bucket lost before":
            raise GenericError("before the call")
        answer = put(into, *arguments, **options)
        if way == "bucket lost after":
            raise GenericError("after the call")
        return answer

    monkeypatch.setattr(obstore, "put", put_or_fail)
    instances = [start(store, records, FaultyDynamoDb(faults)) for _ in range(INSTANCES)]
    events = make_events(random)
    batches = make_batches(random, events)

    def send(number: int) -> int:
        return instances[number % INSTANCES].insist(FEEDBACK, {"events": batches[number]}).status_code

    with ThreadPoolExecutor(THREADS) as pool:
        assert {*pool.map(send, range(len(batches)))} == {202}

    lines = read_lines(records)
    assert {line["id"] for line in lines} == {each["id"] for each in events}
    assert len({(line["id"], line["item"], line["event"], line["time"], line["user"]) for line in lines}) == len(events)
    by_user = defaultdict[str, list[dict[str, Any]]](list)
    for each in events:
        by_user[each["user"]].append(each)
    held = read_table(table)
    for user, own in by_user.items():
        hashed = hash_user(make_contract().user, user, KEY.encode())
        telling = [each for each in own if EVENTS[each["event"]] is not None]
        written = [(each["id"], each["item"], each["event"]) for each in telling]
        assert sorted((each.id, each.item, each.name) for each in held[f"{SHOP}#{hashed.hex()}"]) == sorted(written)

    ranking = Ranking(bytes(obstore.get(store, f"{SHOP}/versions/1/model.onnx").bytes()))

    asked = [*by_user.items()][:ASKED]

    def check(number: int) -> None:
        check_answer(instances[number % INSTANCES], ranking, *asked[number])

    with ThreadPoolExecutor(THREADS) as pool:
        assert [*pool.map(check, range(ASKED))] == [None] * ASKED
    assert min(faults.injected.values()) > 0
    assert len(faults.injected) == 7


def test_a_click_through_one_instance_changes_the_first_answer_of_every_other(table: Any) -> None:
    store, records = MemoryStore(), MemoryStore()
    put_shop(store)
    instances = [start(store, records, DynamoDb(os.environ, None)) for _ in range(4)]
    for number, taker in enumerate(instances):
        user = f"user-{number}"
        for each in instances:
            assert each.ask("/recommend", {"user": user}).json()["basis"] == "trending"
        now = datetime.now(UTC).isoformat()
        clicked = {"id": "1", "user": user, "item": "i8", "event": "view", "time": now}
        assert taker.ask(FEEDBACK, clicked).status_code == 202
        for each in instances:
            found = each.ask("/recommend", {"user": user}).json()
            assert (found["basis"], found["items"][0]["item"]) == ("history", "i9")


def test_a_table_that_is_not_there_is_named_and_the_answer_goes_on(s3: str) -> None:
    store = MemoryStore()
    put_shop(store)
    instance = start(store, MemoryStore(), DynamoDb(os.environ, None))
    found = instance.ask("/recommend", {"user": "ann"}).json()
    assert (found["items"][0]["item"], found["history"]["unavailable"]) == ("i1", ["recent"])
    with pytest.raises(TableUnavailable, match="ResourceNotFoundException"):
        RecentEvents(TABLE, DynamoDb(os.environ, None), days=1).read(SHOP, b"0" * 16)


def test_a_server_that_is_gone_is_waited_for_half_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    recent = RecentEvents(TABLE, DynamoDb(environ, None), days=1)
    with pytest.raises(TableUnavailable, match="ConnectionRefusedError"):
        recent.read(SHOP, b"0" * 16)


def test_a_connection_that_the_server_has_closed_is_made_anew(table: Any) -> None:
    client = DynamoDb(os.environ, None)
    recent = RecentEvents(TABLE, client, days=1)
    assert recent.read(SHOP, b"0" * 16) == []

    class Closed(HTTPConnection):
        """A connection of which the server has closed its end."""

        def connect(self) -> None:
            raise RemoteDisconnected("closed")

    client._idle += [Closed("127.0.0.1"), Closed("127.0.0.1")]
    assert recent.read(SHOP, b"0" * 16) == []
