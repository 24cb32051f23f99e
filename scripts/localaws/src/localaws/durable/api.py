"""The API of durable executions: checkpoints of functions, callbacks from outside, and descriptions."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from localaws.durable.engine import DurableExecutions
from localaws.durable.execution import ROOT, RUNNING, Execution, Operation, moment
from localaws.durable.operations import InvalidUpdate, callback_of


class NotFound(ServiceException):
    """An execution or a callback doesn't exist."""

    code = "ResourceNotFoundException"


class InvalidParameter(ServiceException):
    """A request doesn't fit the state of an execution."""

    code = "InvalidParameterValueException"


class CallbackTimeout(ServiceException):
    """A callback has ended."""

    code = "CallbackTimeoutException"


class DurableHandler(BaseResponse):
    """One method per operation; others are refused by name."""

    executions: DurableExecutions

    def __init__(self) -> None:
        super().__init__(service_name="lambda")
        self.automated_parameter_parsing = True

    def checkpoint_durable_execution(self) -> ActionResult:
        """CheckpointDurableExecution."""
        execution = self._of_token()
        try:
            changed = self.executions.checkpoint(execution, self.params.get("Updates") or [])
        except InvalidUpdate as error:
            raise InvalidParameter(str(error)) from None
        state = {"Operations": [_described(operation) for operation in changed]}
        token = {"CheckpointToken": execution.renew_token()} if execution.status == RUNNING else {}
        return ActionResult({**token, "NewExecutionState": state})

    def get_durable_execution_state(self) -> ActionResult:
        """GetDurableExecutionState: all operations, on one page."""
        execution = self._of_token()
        return ActionResult({"Operations": [_described(each) for each in execution.operations.values()]})

    def get_durable_execution(self) -> ActionResult:
        """GetDurableExecution."""
        execution = self._execution()
        described = _summary(execution) | {
            "InputPayload": execution.payload,
            "Version": execution.version,
            "DurableConfig": execution.config,
            "ExecutionDataIncluded": True,
        }
        optional = {"Result": execution.result, "Error": execution.error}
        return ActionResult(described | {name: value for name, value in optional.items() if value is not None})

    def list_durable_executions_by_function(self) -> ActionResult:
        """ListDurableExecutionsByFunction: of all statuses, or of some; of all names, or of one."""
        function = self.params["FunctionName"].split(":function:")[-1].split(":")[0]
        statuses, name = self.params.get("Statuses"), self.params.get("DurableExecutionName")
        found = [
            _summary(each)
            for each in self.executions.of(function)
            if (not statuses or each.status in statuses) and name in (None, each.name)
        ]
        return ActionResult({"DurableExecutions": found})

    def stop_durable_execution(self) -> ActionResult:
        """StopDurableExecution."""
        execution = self._execution()
        self.executions.stop(execution, self.params.get("Error"))
        return ActionResult({"StopTimestamp": moment(execution.ended or execution.started)})

    def send_durable_execution_callback_success(self) -> ActionResult:
        """SendDurableExecutionCallbackSuccess."""
        result = self.params.get("Result")
        text = result.decode("utf-8") if isinstance(result, bytes) else result
        return self._end_callback("SUCCEEDED", Result=text or None)

    def send_durable_execution_callback_failure(self) -> ActionResult:
        """SendDurableExecutionCallbackFailure."""
        return self._end_callback("FAILED", Error=self.params.get("Error") or {})

    def send_durable_execution_callback_heartbeat(self) -> ActionResult:
        """SendDurableExecutionCallbackHeartbeat."""
        execution, operation = self._callback()
        self.executions.beat(execution, operation)
        return EmptyResult()

    def _end_callback(self, status: str, **details: Any) -> ActionResult:
        execution, operation = self._callback()
        if not self.executions.finish(execution, operation, status, **details):
            raise CallbackTimeout("The callback has ended.")
        return EmptyResult()

    def _callback(self) -> tuple[Execution, str]:
        named = callback_of(self.params["CallbackId"])
        execution = self.executions.find(named[0]) if named else None
        if execution is None or named is None or named[1] not in execution.operations:
            raise NotFound(f"Callback not found: {self.params['CallbackId']}")
        return execution, named[1]

    def _execution(self) -> Execution:
        execution = self.executions.find(self.params["DurableExecutionArn"])
        if execution is None:
            raise NotFound(f"Durable execution not found: {self.params['DurableExecutionArn']}")
        return execution

    def _of_token(self) -> Execution:
        execution = self._execution()
        if self.params["CheckpointToken"] != execution.token:
            raise InvalidParameter("Invalid checkpoint token: it belongs to an earlier checkpoint or invocation.")
        return execution


def _described(operation: Operation) -> Operation:
    return {name: value for name, value in operation.items() if name != "heartbeat"}


def _summary(execution: Execution) -> dict[str, Any]:
    ended = {"EndTimestamp": moment(execution.ended)} if execution.ended else {}
    return {
        "DurableExecutionArn": execution.arn,
        "DurableExecutionName": execution.name,
        "FunctionArn": execution.arn.partition("/durable-execution/")[0],
        "Status": execution.status,
        "StartTimestamp": execution.operations[ROOT]["StartTimestamp"],
        **ended,
    }
