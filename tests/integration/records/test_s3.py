"""The same over S3's protocol: conditional creation, listing, and reading by pages."""

from collections.abc import Iterator

import boto3
import obstore
import pytest
from obstore.store import ObjectStore

from mlops.records.find import find_prediction
from mlops.records.objects import list_models
from mlops.records.query import open_stretch
from mlops.records.standing import FeedbackSource
from mlops.records.window import Window
from mlops.records.write import put_once
from mlops.registry.store import open_store
from tests.integration.records.conftest import CONTRACT, FIRST, MODEL, RECEIVED, make_delivery
from tests.integration.records.test_hundred_thousand_truths import check, put_predictions, send
from tests.moto_server import moto_server


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """The records bucket on moto."""
    with moto_server(monkeypatch):
        boto3.client("s3").create_bucket(Bucket="records")
        yield open_store("s3://records")


def test_a_thousand_truths_over_s3(store: ObjectStore) -> None:
    delivery = make_delivery(1_000)
    put_predictions(store, delivery)
    for _ in range(2):  # the second time changes nothing
        send(store, delivery.lines)
    check(store, delivery)
    assert list_models(store, "prediction") == [MODEL]
    name = next(iter(delivery.predictions))
    found = find_prediction(store, name)
    assert found is not None
    assert found["prediction_id"] == name
    received = Window(FIRST, RECEIVED.replace(hour=23))
    with open_stretch(FeedbackSource(store, MODEL, CONTRACT, received), received) as stretch:
        (row,) = stretch.sql("SELECT count(*) AS n FROM truths").to_pylist()
    assert row["n"] == delivery.counts().used


def test_an_object_is_created_once(store: ObjectStore) -> None:
    assert put_once(store, "a/b", b"first")
    assert not put_once(store, "a/b", b"second")
    assert bytes(obstore.get(store, "a/b").bytes()) == b"first"
