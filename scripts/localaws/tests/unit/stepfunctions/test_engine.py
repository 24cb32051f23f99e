"""Executions on the engine's own event loop."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from localaws.clock import Clock
from localaws.stepfunctions.activities import Activities
from localaws.stepfunctions.calls import MachineClients
from localaws.stepfunctions.engine import Engine
from localaws.stepfunctions.execution import Execution, Machine


class Broken(Exception):
    """Something that nobody expects."""


def _broken_client(role: str, machine: str, service: str) -> Any:
    raise Broken(f"no client of {service} for {machine} and {role}")


def _ignore(_: Execution) -> None:
    """Nobody wants to know of executions."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    clients = MachineClients(_broken_client, guard=None)  # type: ignore[arg-type]
    made = Engine(clients, Activities("us-east-1"), Clock(), "us-east-1", lambda: None, _ignore, _ignore)
    yield made
    made.close()


def run(engine: Engine, state: dict[str, Any]) -> Execution:
    definition = {"StartAt": "Only", "States": {"Only": {**state, "End": True}}}
    machine = Machine("arn:aws:states:us-east-1:1:stateMachine:m", "m", "arn:role", "STANDARD", definition)
    execution = engine.start(machine, None, json.dumps({}))
    engine.wait(execution)
    return execution


@pytest.mark.proves("executions ends")
def test_an_execution_ends_whatever_fails_within_local_aws(engine: Engine) -> None:
    execution = run(engine, {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets"})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert execution.cause is not None
    assert "Local AWS failed within the execution: Broken: no client of s3" in execution.cause
    assert execution.history[-1]["type"] == "ExecutionFailed"


def express(definition: dict[str, Any]) -> Machine:
    return Machine("arn:aws:states:us-east-1:1:stateMachine:x", "x", "arn:role", "EXPRESS", definition)


@pytest.mark.proves("executions limits")
def test_an_endless_execution_lets_others_go_on(engine: Engine) -> None:
    states = {
        "Round": {"Type": "Pass", "Next": "Again"},
        "Again": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "IsPresent": True, "Next": "Round"}],
            "Default": "Never",
        },
        "Never": {"Type": "Succeed"},
    }
    endless = engine.start(express({"StartAt": "Round", "States": states}), None, "{}")
    assert run(engine, {"Type": "Pass"}).status == "SUCCEEDED"
    engine.stop(endless.arn, None, None)
    assert (endless.status, endless.history) == ("ABORTED", [])


@pytest.mark.proves("executions limits")
def test_an_express_execution_takes_five_minutes_at_most() -> None:
    clock, waits = Clock(lambda: 0.0), threading.Semaphore(0)
    clients = MachineClients(_broken_client, guard=None)  # type: ignore[arg-type]
    engine = Engine(clients, Activities("us-east-1"), clock, "us-east-1", waits.release, _ignore, _ignore)
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    execution = engine.start(express(definition), None, "{}")
    # The state and the execution wait.
    assert all(waits.acquire(timeout=60) for _ in range(2))
    clock.forward_to(300.0)
    engine.timers.run(clock.now())
    engine.wait(execution)
    assert (execution.status, execution.ended) == ("TIMED_OUT", 300.0)
    engine.close()
