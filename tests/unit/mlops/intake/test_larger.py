"""What is too large for the function is trained on in a container: which one, and how the training gets there."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from mlops.data.bucket import Fetched
from mlops.data.read import MAX_BYTES
from mlops.errors.data import DatasetTooLarge
from mlops.errors.training import TrainingTooLarge
from mlops.intake.flow import Arrival
from mlops.intake.larger import SIZES, ContainerSize, StateMachine, choose_container
from mlops.intake.progress import Progress
from mlops.intake.resources import MEGABYTE, UNLIMITED, Resources, check_size
from mlops.training.duration import check_time
from tests.unit.mlops.intake.test_intake import FakeBucket
from tests.unit.mlops.training.fakes import Bench, make_intake

FUNCTION = 3008 * MEGABYTE
"""The memory of TrainFunction."""
ROWS, COLUMNS, CELL = 5_000_000, 30, 8
"""A large dataset, with the bytes of a number and its comma."""


def test_a_dataset_of_five_million_rows_is_too_large_for_the_function_by_its_size_and_by_its_time() -> None:
    size = ROWS * COLUMNS * CELL
    with pytest.raises(DatasetTooLarge, match=f"the file has {size:,} bytes"):
        check_size(size, Resources(memory=FUNCTION))
    with pytest.raises(DatasetTooLarge, match="5,000,000 rows of 30 columns takes about"):
        check_time(ROWS, COLUMNS, candidates=3, resources=Resources(deadline=900, clock=lambda: 0.0))


@dataclass
class LargeBucket(FakeBucket):
    """A bucket whose datasets have a size, and are never read."""

    bytes_of_datasets: int = 0

    def size(self, key: str, version: str | None) -> int:
        return self.bytes_of_datasets

    def fetch(self, key: str, version: str | None) -> Fetched:
        assert key.endswith(".progress.json"), f"{key} is read"
        return super().fetch(key, version)


def test_five_million_rows_of_twelve_columns_move_to_a_container_before_anything_is_read(tmp_path: Path) -> None:
    """Their size is that of tests/bench/large_training.py, which trains on them."""
    bucket = LargeBucket(bytes_of_datasets=456_488_522)
    arrival = Arrival(bucket="data", key="datasets/large/large.csv", s3_version="v1")
    with pytest.raises(TrainingTooLarge) as moved:
        make_intake(Bench(), bucket, tmp_path).take(arrival, Resources(memory=FUNCTION, may_move=True))
    assert moved.value.size == 456_488_522
    assert choose_container(moved.value.size, arrival.key) == SIZES[0]
    progress = json.loads(bucket.progress["datasets/large/large.csv.progress.json"])
    assert (progress["state"], progress["reason"]) == ("moved", moved.value.reason)


def test_a_container_takes_it_within_its_memory_and_time() -> None:
    size = ROWS * COLUMNS * CELL
    container = choose_container(size, "datasets/m/a.csv")
    assert container == ContainerSize(4096, 16384)
    check_size(size, Resources(memory=container.memory * MEGABYTE))
    check_time(ROWS, COLUMNS, candidates=3, resources=Resources(deadline=21_600, clock=lambda: 0.0))


@pytest.mark.parametrize("size", [1_000, 10**8, 10**9, 15 * 10**8, MAX_BYTES])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_the_chosen_container_has_the_memory_for_what_is_read_of_the_file(size: int, ending: str) -> None:
    container = choose_container(size, f"datasets/m/a{ending}")
    check_size(size, Resources(memory=container.memory * MEGABYTE))


def test_a_compressed_file_gets_the_container_for_what_it_unpacks_to() -> None:
    assert choose_container(10**9, "datasets/m/a.csv") == SIZES[0]
    assert choose_container(10**9, "datasets/m/a.csv.gz") == SIZES[1]


def test_a_small_dataset_that_takes_long_gets_the_smallest_container() -> None:
    assert choose_container(1_000, "datasets/m/a.csv") == SIZES[0]


def progress(bucket: FakeBucket) -> Progress:
    return Progress(bucket, "datasets/m/a.csv", "v1", lambda: datetime(2026, 11, 29, tzinfo=UTC), UNLIMITED)


def test_a_training_that_moves_says_why_and_goes_on_as_another_try() -> None:
    bucket = FakeBucket()
    progress(bucket).move("the file has 2 bytes too many")
    found = json.loads(bucket.progress["datasets/m/a.csv.progress.json"])
    assert (found["state"], found["reason"]) == ("moved", "the file has 2 bytes too many")
    assert found["steps"][-1]["step"] == "move to a container: the file has 2 bytes too many"
    in_container = progress(bucket)
    in_container.begin()
    assert in_container.attempt == 2


@pytest.fixture
def stubbed() -> tuple[Any, Stubber]:
    client = boto3.client("stepfunctions", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    return client, Stubber(client)


def test_a_message_that_is_delivered_twice_starts_one_execution(stubbed: tuple[Any, Stubber]) -> None:
    client, stub = stubbed
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:train"
    expected = {"stateMachineArn": arn, "name": "message-1", "input": "{}"}
    started = {"executionArn": f"{arn}:message-1", "startDate": datetime(2026, 11, 29, tzinfo=UTC)}
    with stub:
        stub.add_response("start_execution", started, expected)
        StateMachine(client, arn).start("message-1", "{}")
        stub.add_client_error("start_execution", "ExecutionAlreadyExists")
        StateMachine(client, arn).start("message-1", "{}")
        stub.assert_no_pending_responses()
        stub.add_client_error("start_execution", "AccessDeniedException")
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            StateMachine(client, arn).start("message-1", "{}")
