"""What a checkpoint does to the operations of an execution."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.durable.execution import DONE, Execution, Operation, moment

_DETAILS = {
    "CALLBACK": "CallbackDetails",
    "CHAINED_INVOKE": "ChainedInvokeDetails",
    "CONTEXT": "ContextDetails",
    "STEP": "StepDetails",
    "WAIT": "WaitDetails",
}


class InvalidUpdate(ValueError):
    """An update that doesn't fit the state of its operation."""


@dataclass(frozen=True)
class Timer:
    """At a time (epoch seconds) an operation reaches a status."""

    at: float
    operation: str
    status: str


@dataclass(frozen=True)
class ChainedCall:
    """Another function is invoked; its result becomes the operation's."""

    operation: str
    function: str
    payload: str


Effect = Timer | ChainedCall


def apply(execution: Execution, update: Mapping[str, Any], now: float) -> list[Effect]:
    """Apply an update of a checkpoint; returns what follows from it. Raises InvalidUpdate."""
    kind, action = update["Type"], update["Action"]
    if kind == "EXECUTION":
        execution.end(_ended(action), now, update.get("Payload"), update.get("Error"))
        return []
    known = execution.operations.get(update["Id"])
    if known is not None and known["Status"] in DONE:
        raise InvalidUpdate(f"Operation {update['Id']} has ended: {known['Status']}.")
    operation = known if known is not None else _new(update, now)
    execution.operations[operation["Id"]] = operation
    details = operation[_DETAILS[kind]]
    effects: list[Effect] = []
    if action == "START":
        operation["Status"] = "STARTED"
        effects = _started(execution, operation, update, now)
    elif action == "RETRY":
        at = now + float((update.get("StepOptions") or {}).get("NextAttemptDelaySeconds") or 0)
        operation["Status"] = "PENDING"
        details |= {"NextAttemptTimestamp": moment(at), "Attempt": details.get("Attempt", 1) + 1}
        _settle(details, update)
        effects = [Timer(at, operation["Id"], "READY")]
    else:
        operation |= {"Status": _ended(action), "EndTimestamp": moment(now)}
        _settle(details, update)
        if (update.get("ContextOptions") or {}).get("ReplayChildren"):
            details["ReplayChildren"] = True
    execution.note(operation)
    return effects


def finish(execution: Execution, key: str, status: str, now: float, **details: Any) -> bool:
    """Let an operation reach a status, with its result or error; False if it has ended already, or isn't there."""
    operation = execution.operations.get(key)
    if operation is None or operation["Status"] in DONE:
        return False
    operation["Status"] = status
    if status in DONE:
        operation["EndTimestamp"] = moment(now)
    known = {name: value for name, value in details.items() if value is not None}
    operation[_DETAILS[operation["Type"]]] |= known
    execution.note(operation)
    return True


def _new(update: Mapping[str, Any], now: float) -> Operation:
    operation: Operation = {"Id": update["Id"], "Type": update["Type"], "StartTimestamp": moment(now)}
    operation |= {name: update[name] for name in ("Name", "ParentId", "SubType") if update.get(name)}
    return operation | {_DETAILS[update["Type"]]: {"Attempt": 1} if update["Type"] == "STEP" else {}}


def _started(execution: Execution, operation: Operation, update: Mapping[str, Any], now: float) -> list[Effect]:
    kind, key = operation["Type"], operation["Id"]
    if kind == "WAIT":
        at = now + float(update["WaitOptions"]["WaitSeconds"])
        operation["WaitDetails"]["ScheduledEndTimestamp"] = moment(at)
        return [Timer(at, key, "SUCCEEDED")]
    if kind == "CALLBACK":
        operation["CallbackDetails"]["CallbackId"] = callback_id(execution.arn, key)
        options = update.get("CallbackOptions") or {}
        limits = [float(options[name]) for name in ("TimeoutSeconds", "HeartbeatTimeoutSeconds") if options.get(name)]
        operation["heartbeat"] = float(options.get("HeartbeatTimeoutSeconds") or 0)
        return [Timer(now + min(limits), key, "TIMED_OUT")] if limits else []
    if kind == "CHAINED_INVOKE":
        function = update["ChainedInvokeOptions"]["FunctionName"]
        return [ChainedCall(key, function, update.get("Payload") or "null")]
    return []


def _settle(details: dict[str, Any], update: Mapping[str, Any]) -> None:
    for name, source in (("Result", "Payload"), ("Error", "Error")):
        if update.get(source) is not None:
            details[name] = update[source]


def _ended(action: str) -> str:
    statuses = {"SUCCEED": "SUCCEEDED", "FAIL": "FAILED", "CANCEL": "CANCELLED"}
    if action not in statuses:
        raise InvalidUpdate(f"The action {action} isn't valid here.")
    return statuses[action]


def callback_id(execution: str, operation: str) -> str:
    """The id by which a callback is sent."""
    return base64.urlsafe_b64encode(json.dumps([execution, operation]).encode()).decode()


def callback_of(text: str) -> tuple[str, str] | None:
    """The execution and operation of a callback's id, or None if it isn't one."""
    try:
        execution, operation = json.loads(base64.urlsafe_b64decode(text.encode()))
    except ValueError:
        return None
    return str(execution), str(operation)
