"""What others learn of executions: events of EventBridge, and records in CloudWatch Logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from localaws.lambdas.log_writer import LogWriter
from localaws.metrics import ExecutionDimensions, Meter
from localaws.runtime.output import LogLine
from localaws.stepfunctions.execution import ABORTED, FAILED, RUNNING, SUCCEEDED, TIMED_OUT, Event, Execution

# The status of an execution → the end of the metric that counts it.
_ENDINGS = {SUCCEEDED: "Succeeded", FAILED: "Failed", TIMED_OUT: "TimedOut", ABORTED: "Aborted"}
_FAILURES = ("Aborted", "Failed", "TimedOut")
_DATA = ("input", "output", "parameters", "inputDetails", "outputDetails", "assignedVariables", "cause", "error")
# Source, detail type, detail, resources.
Put = Callable[[str, str, Mapping[str, Any], list[str]], None]


def execution_reports(*reports: Callable[[Execution], None]) -> Callable[[Execution], None]:
    """Makes each report of an execution whose status has changed."""

    def report(execution: Execution) -> None:
        for each in reports:
            each(execution)

    return report


def status_events(put: Put) -> Callable[[Execution], None]:
    """Puts an event for each change of the status of an execution of a STANDARD state machine."""

    def report(execution: Execution) -> None:
        if execution.machine.kind != "STANDARD":
            return
        detail = {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine.arn,
            "stateMachineVersionArn": execution.machine.version or None,
            "stateMachineAliasArn": execution.machine.alias or None,
            "name": execution.name,
            "status": execution.status,
            "startDate": int(execution.started * 1000),
            "stopDate": int(execution.ended * 1000) if execution.ended else None,
            "input": execution.input,
            "inputDetails": {"included": True},
            "output": execution.output,
            "outputDetails": {"included": True} if execution.output is not None else None,
            "error": execution.error,
            "cause": execution.cause,
        }
        put("aws.states", "Step Functions Execution Status Change", detail, [execution.arn])

    return report


def execution_metrics(meter: Meter) -> Callable[[Execution], None]:
    """Counts executions by how they end, those of EXPRESS state machines and children of Distributed Maps too."""

    def report(execution: Execution) -> None:
        machine, is_redriven = execution.machine, execution.redrives > 0
        of = ExecutionDimensions(machine.arn, machine.version, machine.alias)
        if execution.status == RUNNING:
            meter.execution(of, "ExecutionsRedriven" if is_redriven else "ExecutionsStarted")
        else:
            ending = _ENDINGS[execution.status]
            meter.execution(of, f"Executions{ending}")
            if is_redriven:
                meter.execution(of, f"RedrivenExecutions{ending}")
            if execution.ended is not None:
                meter.execution(of, "ExecutionTime", 1000 * (execution.ended - execution.started))

    return report


def execution_log(writer: LogWriter) -> Callable[[Execution], None]:
    """Writes the history of an execution to the log group of its state machine, if it has one."""

    def log(execution: Execution) -> None:
        settings = execution.machine.logging
        level = settings.get("level", "OFF")
        if level == "OFF":
            return
        group = settings["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"].split(":log-group:")[1]
        day = datetime.fromtimestamp(execution.started, UTC).strftime("%Y-%m-%d-%H-%M")
        stream = f"states/{execution.machine.name}/{day}/{execution.machine.revision[:8]}"
        with_data = bool(settings.get("includeExecutionData"))
        lines = [
            LogLine(int(event["timestamp"] * 1000), json.dumps(_record(execution, event, with_data=with_data)))
            for event in execution.history
            if _wanted(event["type"], level)
        ]
        writer.write(group.removesuffix(":*"), stream, lines)

    return log


def _wanted(kind: str, level: str) -> bool:
    if level == "ALL":
        return True
    is_failure = kind.endswith(_FAILURES)
    return is_failure and (level == "ERROR" or kind.startswith("Execution"))


def _record(execution: Execution, event: Event, *, with_data: bool) -> dict[str, Any]:
    details: dict[str, Any] = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    if not with_data:
        details = {name: value for name, value in details.items() if name not in _DATA}
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(int(event["timestamp"] * 1000)),
        "execution_arn": execution.arn,
    }
