"""A batch is found with its plan, its chunks and its reasons, and what it left is scored once."""

import json
from datetime import UTC, datetime

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.errors.operations import BatchNotFound, BatchUnfinished, RedriveOvertaken, RedriveRefused
from mlops.operations.batches import Batches, redrive_batch
from mlops.operations.history import History
from tests.console_operations import MACHINE, OperationsWorld

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def world() -> OperationsWorld:
    return OperationsWorld()


@pytest.fixture
def batches(world: OperationsWorld) -> Batches:
    return Batches(world.machine, MACHINE, world.answers)


@pytest.fixture
def history() -> History:
    return History(MemoryStore(), lambda: NOW)


def test_a_batch_that_is_done_has_its_manifest(world: OperationsWorld, batches: Batches) -> None:
    world.add_batch("done", NOW)
    batch = batches.find("done")
    planned = batches.plan_of(batch)
    assert batches.manifest(batch, planned)["answered"] == 99_969
    assert batches.count_chunks(batch)["succeeded"] == 10
    assert [each.name for each in batches.last(5)] == ["done"]


def test_a_batch_that_failed_says_why_and_has_no_results(world: OperationsWorld, batches: Batches) -> None:
    cause = json.dumps({"errorMessage": "2 chunks have no answers"})
    world.add_batch("bad", NOW, status="FAILED", error="BatchIncomplete", cause=cause, failures=("gone", "gone"))
    batch = batches.find("bad")
    assert (batch.failed, batch.reason) == (True, "2 chunks have no answers")
    assert batches.failures(batches.plan_of(batch)) == ["gone"]
    with pytest.raises(BatchUnfinished, match="2 chunks have no answers"):
        batches.manifest(batch, batches.plan_of(batch))


def test_a_chunk_that_was_scored_since_has_no_reason_left(world: OperationsWorld, batches: Batches) -> None:
    world.add_batch("bad", NOW, status="FAILED", error="x", failures=("first", "second"))
    obstore.put(world.answers, "runs/run-of-0/parts/000000.json", b"{}")
    assert batches.failures(batches.plan_of(batches.find("bad"))) == ["second"]


def test_an_execution_whose_chunks_failed_goes_on(world: OperationsWorld, batches: Batches, history: History) -> None:
    world.add_batch("bad", NOW, status="FAILED", error="States.ExceedToleratedFailureThreshold")
    assert redrive_batch(batches, history, "bad", by="ann", why="mended", seen=0) == "bad"
    assert world.machine.redriven == ["bad"]
    (record,) = history.list("batches/bad")
    assert (record.by, record.why, record.what) == ("ann", "mended", "bad")


def test_one_that_failed_at_its_end_is_started_anew(world: OperationsWorld, batches: Batches, history: History) -> None:
    world.add_batch("bad", NOW, status="FAILED", error="BatchIncomplete")
    again = redrive_batch(batches, history, "bad", by="ann", why="mended", seen=0)
    assert again != "bad"
    assert batches.find(again).request == batches.find("bad").request


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
def test_one_that_did_not_fail_is_not_redriven(
    world: OperationsWorld, batches: Batches, history: History, status: str
) -> None:
    world.add_batch("fine", NOW, status=status)
    with pytest.raises(RedriveRefused, match=status):
        redrive_batch(batches, history, "fine", by="ann", why="x", seen=0)
    assert history.list("batches/fine") == []


def test_of_two_who_saw_the_same_failure_one_redrives(
    world: OperationsWorld, batches: Batches, history: History
) -> None:
    world.add_batch("bad", NOW, status="FAILED", error="BatchIncomplete")
    redrive_batch(batches, history, "bad", by="ann", why="x", seen=0)
    with pytest.raises(RedriveOvertaken):
        redrive_batch(batches, history, "bad", by="bob", why="y", seen=0)
    assert len(world.machine.executions) == 2


def test_there_is_no_other_batch(batches: Batches) -> None:
    with pytest.raises(BatchNotFound, match="mlops batch status"):
        batches.find("none")
