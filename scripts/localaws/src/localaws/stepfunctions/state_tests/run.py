"""Runs one attempt of a state.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from localaws.stepfunctions.execution import FAILED, SUCCEEDED, Execution, Machine
from localaws.stepfunctions.flow import Flow, Maps, Tasks, Visit, iso
from localaws.stepfunctions.language.data_flow import data_flow
from localaws.stepfunctions.language.errors import StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.language.jsonata import Evaluator
from localaws.stepfunctions.limits import expired, within_limits
from localaws.stepfunctions.retries import backoff, matching
from localaws.stepfunctions.sizes import demand_payload, demand_variables
from localaws.stepfunctions.state_tests.inspection import Inspected
from localaws.stepfunctions.state_tests.mocks import MockedTask
from localaws.stepfunctions.strand import Strand, Time

RETRIABLE, CAUGHT_ERROR = "RETRIABLE", "CAUGHT_ERROR"
# How long a test may take, on local AWS's clock.
_LONGEST_SECONDS = 300.0
_NAME = "TestState"


@dataclass(frozen=True)
class StateUnderTest:
    """A state to test. `context` replaces the context object but for its `State`; `retries` were made before."""

    name: str
    state: Mapping[str, Any]
    language: str
    role: str
    input: Any
    variables: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] | None = None
    mock: MockedTask | None = None
    retries: int = 0


@dataclass
class Outcome:
    """What became of a test. `seen` and `details` are members of inspectionData, `variables` those after the state."""

    status: str
    variables: Mapping[str, Any]
    output: Any = None
    error: StateError | None = None
    next: str | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


async def run_test(
    tested: StateUnderTest, tasks: Tasks, maps: Maps, time: Time, random: Random, evaluator: Evaluator
) -> Outcome:
    """One attempt of a state; errors of the state are part of the outcome."""
    machine = Machine("", _NAME, tested.role, "STANDARD", {"States": {tested.name: tested.state}})
    execution = Execution("", _NAME, machine, compact(tested.input), time.now())
    strand, variables = Strand(execution, time), dict(tested.variables)
    context = _context(tested, time.now()) if tested.context is None else tested.context
    flow = Flow(
        machine.definition,
        tested.language,
        context,
        ChainMap(variables),
        strand,
        tested.mock or tasks,
        maps,
        random,
        evaluator,
    )
    visit = Visit(flow, tested.name, tested.state)
    inspected = Inspected(
        tested.language,
        tested.state,
        lambda state: data_flow(tested.language, state, visit.context, flow.variables, strand.now, evaluator),
    )
    visit.data = inspected
    try:
        output, assigned = await within_limits(strand, visit.attempt(tested.input), expired(strand, _LONGEST_SECONDS))
        demand_payload(output, f"The state/task '{tested.name}' returned a result")
        demand_variables(assigned, variables)
        outcome = Outcome(SUCCEEDED, variables | assigned, output, next=visit.next)
    except StateError as error:
        outcome = await _failed(tested, visit, error)
    outcome.seen = inspected.seen
    return outcome


async def _failed(tested: StateUnderTest, visit: Visit, error: StateError) -> Outcome:
    """What becomes of an error: another attempt, a catcher's state, or the end."""
    variables, retriers = dict(tested.variables), tested.state.get("Retry", ())
    index = matching(retriers, error)
    seconds = None if index is None else backoff(retriers[index], tested.retries)
    if seconds is not None:
        details = {"retryIndex": index, "retryBackoffIntervalSeconds": int(seconds)}
        return Outcome(RETRIABLE, variables, error=error, details=details)
    index = matching(tested.state.get("Catch", ()), error)
    if index is None:
        return Outcome(FAILED, variables, error=error)
    try:
        output, assigned = await visit.catch(tested.input, error)
    except StateError as another:
        return Outcome(FAILED, variables, error=another)
    return Outcome(CAUGHT_ERROR, variables | assigned, output, error, visit.next, details={"catchIndex": index})


def _context(tested: StateUnderTest, now: float) -> dict[str, Any]:
    """The context object of a test, in which no execution has an ARN."""
    execution = {"Id": "", "Input": tested.input, "Name": _NAME, "RoleArn": tested.role, "StartTime": iso(now)}
    return {"Execution": {**execution, "RedriveCount": 0}, "StateMachine": {"Id": "", "Name": _NAME}}
