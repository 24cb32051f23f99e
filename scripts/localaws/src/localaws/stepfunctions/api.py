"""Step Functions' API: state machines, executions and validation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from localaws.stepfunctions.activities import Activity
from localaws.stepfunctions.activities_api import ActivitiesApi
from localaws.stepfunctions.distributed.map_run import MapRun
from localaws.stepfunctions.engine import moment
from localaws.stepfunctions.errors import (
    ActivityDoesNotExist,
    InvalidArn,
    InvalidExecutionInput,
    InvalidName,
    MachineDoesNotExist,
    MissingParameter,
    ResourceNotFound,
    TooManyTags,
    TypeNotSupported,
    ValidationFailed,
)
from localaws.stepfunctions.execution import ABOUT, SUCCEEDED, Execution, Machine
from localaws.stepfunctions.language.json_texts import parse_json, size_of
from localaws.stepfunctions.language.validation import validate
from localaws.stepfunctions.redrives import redrive_status
from localaws.stepfunctions.requirements import LARGEST_INPUT, is_execution_name
from localaws.stepfunctions.state_machine import StateMachine
from localaws.stepfunctions.state_tests_api import StateTestsApi
from localaws.stepfunctions.versions import is_qualified
from localaws.stepfunctions.versions_api import VersionsApi

_MOST_DIAGNOSTICS = 100
_MOST_TAGS = 50


class StepFunctionsApi(ActivitiesApi, StateTestsApi, VersionsApi):
    """One method per operation; others are refused by name."""

    def create_state_machine(self) -> ActionResult:
        """CreateStateMachine."""
        self._refuse_encryption("a state machine")
        self._check_publication()
        kind = self.params.get("type") or "STANDARD"
        tags = {tag["key"]: tag["value"] for tag in self.params.get("tags") or []}
        machine = self.machines.create(
            self.params["name"],
            kind,
            self.params["roleArn"],
            self.params["definition"],
            self.clock.now(),
            self.params.get("loggingConfiguration") or {},
            tags,
        )
        published = self._published(machine.arn)
        return ActionResult({"stateMachineArn": machine.arn, "creationDate": moment(machine.created), **published})

    def update_state_machine(self) -> ActionResult:
        """UpdateStateMachine."""
        self._refuse_encryption("a state machine")
        self._check_publication()
        names = {"definition": "text", "roleArn": "role", "loggingConfiguration": "logging"}
        changes = {names[name]: self.params[name] for name in names if self.params.get(name) is not None}
        if not changes:
            raise MissingParameter("Either the definition, the role ARN, or the LoggingConfiguration must be specified")
        machine = self.machines.update(self.params["stateMachineArn"], changes)
        published = self._published(machine.arn)
        return ActionResult({"updateDate": moment(self.clock.now()), "revisionId": machine.revision, **published})

    def describe_state_machine(self) -> ActionResult:
        """DescribeStateMachine: of a version too."""
        arn = self.params["stateMachineArn"]
        version = self.machines.versions.version(arn) if is_qualified(arn) else None
        machine = version.machine if version else self.machines.find(arn)
        return ActionResult(
            {
                "stateMachineArn": arn,
                "name": machine.name,
                "status": "ACTIVE",
                "definition": "{}" if self._is_metadata_only else machine.text,
                "roleArn": machine.role,
                "type": machine.kind,
                "creationDate": moment(version.created if version else machine.created),
                **({"description": version.description} if version else {}),
                "loggingConfiguration": {"level": "OFF", "includeExecutionData": False, **machine.logging},
                "tracingConfiguration": {"enabled": False},
                "revisionId": machine.revision,
            }
        )

    def describe_state_machine_for_execution(self) -> ActionResult:
        """DescribeStateMachineForExecution: the state machine as the execution runs it."""
        machine = self._standard(self.params["executionArn"]).machine
        of_run = {"mapRunArn": machine.map_run, "label": machine.label} if machine.map_run else {}
        return ActionResult(
            {
                "stateMachineArn": machine.arn,
                **of_run,
                "name": machine.name,
                "definition": "{}" if self._is_metadata_only else json.dumps(machine.definition),
                "roleArn": machine.role,
                "updateDate": moment(self.clock.now()),
                "loggingConfiguration": {"level": "OFF", **machine.logging},
                "revisionId": machine.revision,
            }
        )

    def list_state_machines(self) -> ActionResult:
        """ListStateMachines."""
        listed = [
            {
                "stateMachineArn": machine.arn,
                "name": machine.name,
                "type": machine.kind,
                "creationDate": moment(machine.created),
            }
            for machine in self.machines.all()
        ]
        return self._page("stateMachines", listed)

    def delete_state_machine(self) -> ActionResult:
        """DeleteStateMachine: it's deleted at once, with its executions."""
        arn = self.params["stateMachineArn"]
        if is_qualified(arn):
            raise ValidationFailed(f"A version or an alias isn't deleted by this operation: '{arn}'")
        self.machines.delete(arn)
        self.engine.forget(arn)
        return EmptyResult()

    def validate_state_machine_definition(self) -> ActionResult:
        """ValidateStateMachineDefinition."""
        most = self.params.get("maxResults") or _MOST_DIAGNOSTICS
        found = validate(self.params["definition"], self.params.get("type") or "STANDARD")
        shown = [
            {"severity": "ERROR", "code": each.code, "message": each.message, "location": each.location}
            for each in found[:most]
        ]
        return ActionResult(
            {"result": "FAIL" if found else "OK", "diagnostics": shown, "truncated": len(found) > len(shown)}
        )

    def start_execution(self) -> ActionResult:
        """StartExecution."""
        execution = self._start(self._machine())
        return ActionResult({"executionArn": execution.arn, "startDate": moment(execution.started)})

    def start_sync_execution(self) -> ActionResult:
        """StartSyncExecution, for EXPRESS."""
        machine = self._machine()
        if machine.kind != "EXPRESS":
            raise TypeNotSupported("This operation is not supported by this type of state machine")
        execution = self._start(machine)
        self.engine.wait(execution)
        lasted = int(((execution.ended or execution.started) - execution.started) * 1000)
        billed = {"billedDurationInMilliseconds": -(-max(lasted, 1) // 100) * 100, "billedMemoryUsedInMB": 64}
        described = _described(execution, with_data=not self._is_metadata_only)
        return ActionResult({**described, "billingDetails": billed})

    def stop_execution(self) -> ActionResult:
        """StopExecution."""
        execution = self._standard(self.params["executionArn"])
        self.engine.stop(execution.arn, self.params.get("error"), self.params.get("cause"))
        return ActionResult({"stopDate": moment(execution.ended or self.clock.now())})

    def describe_execution(self) -> ActionResult:
        """DescribeExecution."""
        execution = self._standard(self.params["executionArn"])
        return ActionResult(_described(execution, with_data=not self._is_metadata_only))

    def redrive_execution(self) -> ActionResult:
        """RedriveExecution."""
        execution = self._standard(self.params["executionArn"])
        self.engine.redrive(execution)
        return ActionResult({"redriveDate": moment(self.clock.now())})

    def list_map_runs(self) -> ActionResult:
        """ListMapRuns: of an execution."""
        arn = self._standard(self.params["executionArn"]).arn
        runs = [run for run in self.engine.maps.runs.values() if run.parent == arn]
        return self._page("mapRuns", [_summary_of_run(run) for run in runs])

    def describe_map_run(self) -> ActionResult:
        """DescribeMapRun."""
        run = self._map_run()
        return ActionResult(
            {
                "mapRunArn": run.arn,
                "executionArn": run.parent,
                "status": run.status,
                "startDate": moment(run.started),
                **({"stopDate": moment(run.ended)} if run.ended else {}),
                "maxConcurrency": run.limit,
                "toleratedFailureCount": run.tolerated_count,
                "toleratedFailurePercentage": run.tolerated_percentage,
                "itemCounts": run.counts(of_items=True),
                "executionCounts": run.counts(of_items=False),
                "redriveCount": run.redrives,
            }
        )

    def _map_run(self) -> MapRun:
        arn = self.params["mapRunArn"]
        if arn not in self.engine.maps.runs:
            raise ResourceNotFound(f"Resource not found: '{arn}'")
        return self.engine.maps.runs[arn]

    def list_executions(self) -> ActionResult:
        """ListExecutions: the newest first, of one status if that's given; of a state machine or of a map run."""
        if bool(self.params.get("mapRunArn")) == bool(self.params.get("stateMachineArn")):
            raise ValidationFailed("Specify either a stateMachineArn or a mapRunArn.")
        if self.params.get("mapRunArn"):
            children = [child.execution for child in self._map_run().children if child.execution]
            return self._page("executions", self._of_status(children))
        machine = self._machine()
        if machine.kind == "EXPRESS":
            raise TypeNotSupported("This operation is not supported by this type of state machine")
        arn = self.params["stateMachineArn"]
        found = self.engine.of(machine.arn)
        if is_qualified(arn):
            found = [each for each in found if arn in (each.machine.version, each.machine.alias)]
        return self._page("executions", self._of_status(found))

    def _of_status(self, executions: Sequence[Execution]) -> list[dict[str, Any]]:
        """Those of the request's filters."""
        status, redriven = self.params.get("statusFilter"), self.params.get("redriveFilter")
        return [
            _summary(each)
            for each in executions
            if status in (None, each.status) and redriven in (None, "REDRIVEN" if each.redrives else "NOT_REDRIVEN")
        ]

    @property
    def _is_metadata_only(self) -> bool:
        """Whether definitions, inputs and outputs are left out."""
        return bool(self.params.get("includedData") == "METADATA_ONLY")

    def get_execution_history(self) -> ActionResult:
        """GetExecutionHistory."""
        execution = self._standard(self.params["executionArn"])
        events = [{**event, "timestamp": moment(event["timestamp"])} for event in execution.history]
        if self.params.get("includeExecutionData") is False:
            events = [_without_data(event) for event in events]
        return self._page("events", events[::-1] if self.params.get("reverseOrder") else events)

    def tag_resource(self) -> ActionResult:
        """TagResource, of state machines and activities."""
        tagged = self._tagged(self.params["resourceArn"])
        tags = tagged.tags | {tag["key"]: tag["value"] for tag in self.params["tags"]}
        if len(tags) > _MOST_TAGS:
            raise TooManyTags(f"Too many tags: a resource can have {_MOST_TAGS}")
        tagged.tags.update(tags)
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource, of state machines and activities."""
        tagged = self._tagged(self.params["resourceArn"])
        for key in self.params["tagKeys"]:
            tagged.tags.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource, of state machines and activities."""
        tagged = self._tagged(self.params["resourceArn"])
        return ActionResult({"tags": [{"key": key, "value": value} for key, value in tagged.tags.items()]})

    def _tagged(self, arn: str) -> StateMachine | Activity:
        try:
            return self.activities.find(arn) if ":activity:" in arn else self.machines.find(arn)
        except (ActivityDoesNotExist, MachineDoesNotExist):
            raise ResourceNotFound(f"Resource not found: '{arn}'") from None

    def _start(self, machine: Machine) -> Execution:
        name, text = self.params.get("name"), self.params.get("input") or "{}"
        if name is not None and not is_execution_name(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        if size_of(text) > LARGEST_INPUT:
            raise ValidationFailed(
                "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length "
                f"less than or equal to {LARGEST_INPUT}"
            )
        try:
            parse_json(text)
        except ValueError as error:
            raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from None
        return self.engine.start(machine, name, text, self.params.get("traceHeader"))

    def _machine(self) -> Machine:
        """What the ARN of a state machine, a version or an alias stands for."""
        arn = self.params.get("stateMachineArn") or ""
        if ":stateMachine:" not in arn:
            raise InvalidArn(f"Invalid Arn: '{arn}'")
        return self.machines.as_run(arn)

    def _standard(self, arn: str) -> Execution:
        """An execution that has a history in the API."""
        if ":express:" in arn:
            raise InvalidArn(f"Invalid Arn: 'Resource type not valid in this context: {arn}'")
        if ":execution:" not in arn:
            raise InvalidArn(f"Invalid Arn: '{arn}'")
        return self.engine.find(arn)


def _summary(execution: Execution) -> dict[str, Any]:
    ended = {"stopDate": moment(execution.ended)} if execution.ended else {}
    redriven = {"redriveDate": moment(execution.redriven)} if execution.redriven else {}
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        **_qualifiers(execution),
        **_of_run(execution),
        "name": execution.name,
        "status": execution.status,
        "startDate": moment(execution.started),
        "redriveCount": execution.redrives,
        **redriven,
        **ended,
    }


def _qualifiers(execution: Execution) -> dict[str, str]:
    """The version and the alias that an execution was started by."""
    machine = execution.machine
    known = {"stateMachineVersionArn": machine.version, "stateMachineAliasArn": machine.alias}
    return {name: arn for name, arn in known.items() if arn}


def _of_run(execution: Execution) -> dict[str, Any]:
    """The run of a Distributed Map that an execution is a child of."""
    run = execution.machine.map_run
    return {"mapRunArn": run, "itemCount": execution.items} if run else {}


def _summary_of_run(run: MapRun) -> dict[str, Any]:
    ended = {"stopDate": moment(run.ended)} if run.ended else {}
    return {
        "executionArn": run.parent,
        "mapRunArn": run.arn,
        "stateMachineArn": run.machine.arn,
        "startDate": moment(run.started),
        **ended,
    }


def _described(execution: Execution, *, with_data: bool = True) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if with_data:
        data = {"input": execution.input, "inputDetails": {"included": True}}
        if execution.status == SUCCEEDED:
            data |= {"output": execution.output, "outputDetails": {"included": True}}
    known = {"error": execution.error, "cause": execution.cause, "traceHeader": execution.trace_header}
    status, reason = redrive_status(execution)
    redrive = {"redriveStatus": status, **({"redriveStatusReason": reason} if reason else {})}
    shown = {name: value for name, value in known.items() if value is not None}
    return {**_summary(execution), **data, **shown, **redrive}


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    hidden = {"parameters", *ABOUT, *ABOUT.values()}
    return {
        name: {key: each for key, each in value.items() if key not in hidden} if isinstance(value, dict) else value
        for name, value in event.items()
    }
