"""A prediction is found in the bucket, or in the log until it's delivered there."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from obstore.store import MemoryStore

from mlops.records.lookup import ApiLog, find_record
from tests.unit.mlops.records.bucket import MODEL, NOON, make_id, make_record, put_records


class Logs:
    """A log group whose pages are given; it keeps what was asked."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages, self.asked, self.read = pages, list[dict[str, Any]](), 0

    def get_paginator(self, operation: str) -> "Logs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        for page in self.pages:
            self.read += 1
            yield {"events": [{"message": json.dumps(record)} for record in page]}


def test_a_record_that_the_log_has_no_longer_is_found_in_the_bucket() -> None:
    store, logs = MemoryStore(), Logs()
    record = make_record(NOON)
    put_records(store, [record])
    found = find_record(store, ApiLog(logs, "api"), make_id(NOON), [MODEL])
    # Its object's name says no time, so that the log is looked through before all of the day is.
    assert found
    assert (found.record, found.in_log) == (record, False)


def test_a_record_that_isnt_delivered_is_found_in_the_log_around_its_time() -> None:
    record = make_record(NOON)
    logs = Logs([], [record])
    found = find_record(MemoryStore(), ApiLog(logs, "api"), make_id(NOON))
    assert found
    assert (found.record, found.in_log) == (record, True)
    (asked,) = logs.asked
    made = int(NOON.timestamp() * 1000)
    assert asked["startTime"] < made < asked["endTime"]
    assert make_id(NOON) in asked["filterPattern"]


def test_a_record_of_another_model_isnt_found() -> None:
    logs = Logs([make_record(NOON)])
    assert find_record(MemoryStore(), ApiLog(logs, "api"), make_id(NOON), ["other"]) is None
    assert find_record(MemoryStore(), ApiLog(logs, "api"), make_id(NOON), [MODEL]) is not None


def test_no_more_pages_of_the_log_are_read_than_asked_for() -> None:
    logs = Logs(*[[make_record(NOON, number)] for number in range(5)])
    records = [*ApiLog(logs, "api").records("{ $.a = 1 }", NOON, NOON + timedelta(minutes=1), most_pages=2)]
    assert len(records) == logs.read == 2


def test_a_day_with_more_than_may_be_read_isnt_searched() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON)])
    assert find_record(store, ApiLog(Logs(), "api"), make_id(NOON), most_bytes=10) is None
    assert find_record(store, ApiLog(Logs(), "api"), make_id(NOON), most_bytes=10_000) is not None


def test_what_is_no_id_is_refused() -> None:
    with pytest.raises(ValueError, match="version 7"):
        find_record(MemoryStore(), ApiLog(Logs(), "api"), "7")
