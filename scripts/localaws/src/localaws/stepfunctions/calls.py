"""Calls of AWS APIs by tasks, in the name of the state machine's role."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from localaws.iam.guard import Guard
from localaws.stepfunctions.execution import Machine
from localaws.stepfunctions.language.errors import RUNTIME, StateError
from localaws.stepfunctions.language.resources import Resource
from localaws.stepfunctions.shapes import to_json, to_parameters


class Clients(Protocol):
    """AWS clients that act for a role."""

    def __call__(self, machine: Machine, service: str) -> Any:
        """The client of a service, in the name of the machine's role."""

    def check(self, machine: Machine, action: str, resource: str) -> None:
        """Raise StateError if the machine's role may not do what Step Functions does itself in its name."""


class MachineClients:
    """The clients of state machines' roles."""

    def __init__(self, clients: Callable[[str, str, str], Any], guard: Guard) -> None:
        self._clients, self._guard = clients, guard

    def __call__(self, machine: Machine, service: str) -> Any:
        """The client of a service, in the name of the machine's role."""
        return self._clients(machine.role, machine.name, service)

    def check(self, machine: Machine, action: str, resource: str) -> None:
        """Raise StateError if the machine's role may not do what Step Functions does itself in its name."""
        missing = self._guard.denied_to_role(machine.role, machine.name, action, resource)
        if missing:
            raise StateError("StepFunctions.AccessDeniedException", missing.message)


def result_shape(resource: Resource) -> Any:
    """botocore's shape of what an API action returns; None for a function or an action that returns nothing."""
    if resource.function:
        return None
    return resource.operation.output_shape


def call(clients: Clients, machine: Machine, resource: Resource, parameters: Any) -> Any:
    """The result of an API call; raises StateError with the service's error."""
    if resource.function:
        return _function(clients(machine, "lambda"), resource.function, parameters)
    model = resource.operation
    if not isinstance(parameters, dict):
        raise StateError(RUNTIME, f"The parameters of {resource.action} must be an object.")
    given, client = to_parameters(model.input_shape, parameters), clients(machine, resource.client)
    response = _request(client, model.name, given, resource.error_prefix)
    metadata = response.pop("ResponseMetadata")
    result = to_json(model.output_shape, response)
    if resource.sdk:
        return result
    if resource.service == "lambda":
        if "FunctionError" in result:
            raise _function_error(result["Payload"])
        result["Payload"] = _parsed(result["Payload"])
    if resource.service == "events" and result.get("FailedEntryCount"):
        failed = next(entry for entry in result["Entries"] if "ErrorCode" in entry)
        raise StateError("EventBridge.FailedEntry", f"{failed['ErrorCode']}: {failed['ErrorMessage']}")
    shown = {"HttpHeaders": metadata["HTTPHeaders"], "HttpStatusCode": metadata["HTTPStatusCode"]}
    return {**result, "SdkHttpMetadata": shown, "SdkResponseMetadata": {"RequestId": metadata.get("RequestId", "")}}


def _function(client: Any, arn: str, payload: Any) -> Any:
    response = _request(client, "Invoke", {"FunctionName": arn, "Payload": json.dumps(payload).encode()}, "Lambda")
    text = response["Payload"].read().decode()
    if "FunctionError" in response:
        raise _function_error(text)
    return _parsed(text)


def _parsed(text: str) -> Any:
    return json.loads(text) if text else None


def _function_error(text: str) -> StateError:
    """The error of a function, whose name is that of the exception."""
    details = _parsed(text)
    name = details.get("errorType") if isinstance(details, dict) else None
    unknown = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
    return StateError(name, text) if name else StateError("Lambda.Unknown", unknown + text)


def _request(client: Any, name: str, parameters: dict[str, Any], prefix: str) -> dict[str, Any]:
    method = next(python for python, operation in client.meta.method_to_api_mapping.items() if operation == name)
    try:
        response: dict[str, Any] = getattr(client, method)(**parameters)
    except ParamValidationError as error:
        raise StateError(RUNTIME, f"The parameters could not be used to start the task: {error}") from None
    except ClientError as error:
        raise _service_error(error, client, prefix) from None
    except BotoCoreError as error:
        raise StateError(f"{prefix}.SdkClientException", str(error)) from None
    return response


def _service_error(error: ClientError, client: Any, prefix: str) -> StateError:
    details: Any = error.response
    code = str(details["Error"]["Code"])
    denied = code in ("AccessDenied", "AccessDeniedException", "AuthorizationErrorException")
    if denied and prefix == "Lambda":
        name = "AWSLambdaException"
    else:
        name = code.rpartition(".")[2] if type(error) is ClientError else type(error).__name__
        name = name if name.endswith(("Exception", "Error")) else f"{name}Exception"
    status = details.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    service = client.meta.service_model.service_id
    cause = f"{details['Error'].get('Message', '')} (Service: {service}, Status Code: {status}, Error Code: {code})"
    return StateError(f"{prefix}.{name}", cause)
