"""No training ends without a name for it: what runs out of memory or time is ended before it's killed."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mlops.data.bucket import Fetched
from mlops.errors.data import DatasetGone, DatasetRejected
from mlops.errors.training import TrainingStopped
from mlops.intake.progress import Progress
from mlops.intake.resources import MEGABYTE, UNLIMITED, Resources, check_size, used_memory
from mlops.training.duration import check_time

NOW = datetime(2026, 11, 29, tzinfo=UTC)
LONG = 60.0
"""Seconds after which a test that isn't ended fails."""


def wait() -> None:
    """What a training does: a lot of short steps."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        time.sleep(0.01)


def test_a_training_whose_memory_runs_out_is_ended_with_the_figure_the_step_and_the_way_out() -> None:
    resources = Resources(memory=1_000 * MEGABYTE, used=lambda: 950 * MEGABYTE)
    with pytest.raises(TrainingStopped) as caught, resources.guard(lambda: "fit forest on 5 rows"):
        wait()
    assert caught.value.rule == "memory"
    assert "950 of 1,000 MB were in use at the step 'fit forest on 5 rows'" in caught.value.reason
    assert "MemorySize" in caught.value.reason


def test_a_training_whose_time_runs_out_is_ended_with_the_figure_the_step_and_the_way_out() -> None:
    resources = Resources(deadline=time.monotonic() + 1)
    with pytest.raises(TrainingStopped) as caught, resources.guard(lambda: "run the gates"):
        wait()
    assert caught.value.rule == "time"
    assert "at the step 'run the gates'" in caught.value.reason
    assert "TrainTimeout" in caught.value.reason


def test_an_allocation_that_fails_is_a_training_out_of_memory() -> None:
    with (
        pytest.raises(TrainingStopped, match="of 1,000,000 MB were in use"),
        Resources(memory=1_000_000 * MEGABYTE).guard(lambda: "read"),
    ):
        raise MemoryError


def test_a_training_that_ends_in_time_is_left_alone() -> None:
    with Resources(memory=2**60, deadline=time.monotonic() + LONG).guard(lambda: "read"):
        time.sleep(0.3)
    with UNLIMITED.guard(lambda: "read"):
        pass


def test_a_search_leaves_half_of_the_time_for_the_rest() -> None:
    assert Resources(deadline=500, clock=lambda: 200).search_seconds == 150
    assert Resources(deadline=500, clock=lambda: 600).search_seconds == 0
    assert UNLIMITED.search_seconds is None


def test_the_memory_in_use_is_that_of_the_process() -> None:
    before = used_memory()
    held = bytearray(64 * MEGABYTE)
    assert used_memory() - before > 48 * MEGABYTE
    assert len(held) == 64 * MEGABYTE


def test_a_file_that_does_not_fit_the_memory_is_refused_by_its_size() -> None:
    small, large = Resources(memory=3_008 * MEGABYTE), Resources(memory=10_240 * MEGABYTE)
    assert small.most_bytes is not None
    check_size(small.most_bytes, small)
    check_size(10**12, UNLIMITED)
    with pytest.raises(
        DatasetRejected, match=r"3,008 MB of memory reads .* at most. Give TrainFunction more MemorySize"
    ):
        check_size(small.most_bytes + 1, small)
    check_size(small.most_bytes + 1, large)


def test_a_table_that_takes_longer_than_there_is_time_is_refused_by_its_shape() -> None:
    resources = Resources(deadline=900, clock=lambda: 0)
    for rows, columns in ((500_000, 30), (1_000_000, 30), (569, 30), (2_000, 500)):
        check_time(rows, columns, candidates=3, resources=resources)
    with pytest.raises(DatasetRejected, match=r"20,000 rows of 2,000 columns takes about 1,800 s, and 900 s are left"):
        check_time(20_000, 2_000, candidates=3, resources=resources)
    check_time(20_000, 2_000, candidates=3, resources=UNLIMITED)


class Bucket:
    """One object."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def fetch(self, key: str, version: str | None) -> Fetched:
        if key not in self.content:
            raise DatasetGone(key, version)
        return Fetched(self.content[key])

    def write(self, key: str, content: bytes) -> None:
        self.content[key] = content

    @property
    def document(self) -> dict[str, Any]:
        (content,) = self.content.values()
        found: dict[str, Any] = json.loads(content)
        return found


def begin(bucket: Bucket, version: str = "v1", **limits: Any) -> Progress:
    progress = Progress(bucket, "datasets/a/a.csv", version, lambda: NOW, Resources(**limits))
    progress.begin()
    return progress


def test_a_training_shows_its_steps_its_tries_and_why_one_failed() -> None:
    bucket = Bucket()
    begin(bucket).step("trial 1")
    assert [each["step"] for each in bucket.document["steps"]] == ["fetch the dataset and the spec", "trial 1"]
    assert (bucket.document["state"], bucket.document["attempt"]) == ("running", 1)
    second = begin(bucket)
    second.retry("nobody answers")
    assert (bucket.document["state"], bucket.document["attempt"], bucket.document["reason"]) == (
        "retrying",
        2,
        "nobody answers",
    )
    begin(bucket).end()
    assert (bucket.document["state"], bucket.document["attempt"]) == ("ended", 3)
    begin(bucket)
    assert bucket.document["attempt"] == 1


def test_a_try_that_was_killed_for_want_of_memory_is_named_and_not_repeated() -> None:
    bucket = Bucket()
    begin(bucket, memory=1_000 * MEGABYTE, used=lambda: 900 * MEGABYTE).step("fit forest")
    with pytest.raises(TrainingStopped, match="killed at the step 'fit forest', with 900 of 1,000 MB in use") as caught:
        begin(bucket, memory=1_000 * MEGABYTE)
    assert caught.value.rule == "memory"
    begin(bucket, version="v2", memory=1_000 * MEGABYTE)


def test_a_try_that_was_killed_for_want_of_time_is_named_and_another_end_is_tried_again() -> None:
    bucket = Bucket()
    begin(bucket, deadline=100, clock=lambda: 0)
    begin(bucket, deadline=100, clock=lambda: 0)
    document = {**bucket.document, "at": NOW.replace(minute=5).isoformat(), "seconds_left": 3.0}
    bucket.write(next(iter(bucket.content)), json.dumps(document).encode())
    with pytest.raises(TrainingStopped, match="300 s after its start: it ran out of time"):
        begin(bucket)


def test_a_container_that_was_killed_is_not_told_to_give_the_function_more() -> None:
    bucket = Bucket()
    container = {"more_memory": "No container has more", "more_time": "TrainContainerSeconds"}
    begin(bucket, memory=1_000 * MEGABYTE, used=lambda: 900 * MEGABYTE)
    with pytest.raises(TrainingStopped, match=r"ran out of memory\. No container has more, or train on fewer"):
        begin(bucket, **container)
    begin(bucket, version="v2", deadline=100, clock=lambda: 0)
    document = {**bucket.document, "at": NOW.replace(minute=5).isoformat(), "seconds_left": 3.0}
    bucket.write(next(iter(bucket.content)), json.dumps(document).encode())
    with pytest.raises(TrainingStopped, match="parameter TrainContainerSeconds"):
        begin(bucket, version="v2", **container)


def test_the_status_that_memory_is_read_from_exists() -> None:
    assert "VmRSS:" in Path("/proc/self/status").read_text()
