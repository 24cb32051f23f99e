"""Event source mappings: a poller for each queue that invokes a function; those of streams are added to them.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from moto.awslambda import models, responses
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import dynamodb_backends
from moto.kinesis.models import kinesis_backends
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from localaws.events.pattern import PatternError
from localaws.events.source_filters import compile_filters
from localaws.iam.guard import Guard
from localaws.lambdas.function_names import split
from localaws.lambdas.functions import Functions
from localaws.moto_patches import MotoPatches
from localaws.settings import ACCOUNT
from localaws.sqs.poller import Poller
from localaws.targets import service_of

# What Lambda does to a queue by the function's role.
_ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_UNSUPPORTED = (
    "DestinationConfig",
    "ProvisionedPollerConfig",
    "KMSKeyArn",
    "StartingPosition",
    "SelfManagedEventSource",
    "SourceAccessConfigurations",
    "MetricsConfig",
)

# What a mapping of a stream has, with the values of one that says nothing.
_OF_STREAMS = {
    "BisectBatchOnFunctionError": False,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StartingPositionTimestamp": None,
    "TumblingWindowInSeconds": 0,
}


class StreamMappings(Protocol):
    """The event source mappings of streams (streams/mappings.py)."""

    def start(self, mapping: Any) -> None:
        """Start reading the mapping's stream."""

    def stop(self, uuid: str) -> None:
        """Stop reading."""

    def close(self) -> None:
        """Stop all."""

    def taken(self, arn: str, function: str) -> str | None:
        """The id of the mapping of a stream and a function, if there's one."""

    def check(self, spec: dict[str, Any]) -> None:
        """Raise for an invalid mapping."""

    def check_options(self, spec: dict[str, Any], arn: str) -> None:
        """Raise for options that are unsupported or invalid."""


class EventSourceMappings:
    """The pollers of all event source mappings."""

    def __init__(self, functions: Functions, streams: StreamMappings, region: str, guard: Guard) -> None:
        self._functions, self._streams, self._region, self._guard = functions, streams, region, guard
        self._pollers: dict[str, Poller] = {}

    def start(self, mapping: Any) -> None:
        """Start polling the mapping's queue, or reading its stream."""
        if _is_stream(mapping.event_source_arn):
            self._streams.start(mapping)
            return
        poller = Poller(mapping, self._functions, self._region)
        self._pollers[mapping.uuid] = poller

    def stop(self, uuid: str) -> None:
        """Stop polling; a running batch is finished."""
        poller = self._pollers.pop(uuid, None)
        if poller:
            poller.stop()
        self._streams.stop(uuid)

    def close(self) -> None:
        """Stop all pollers."""
        for poller in self._pollers.values():
            poller.stop()
        self._pollers.clear()
        self._streams.close()

    def check(self, spec: dict[str, Any]) -> None:
        """Raise for an invalid mapping, as AWS does, and for unsupported options."""
        arn = str(spec.get("EventSourceArn", ""))
        self._functions.check_waits(spec["FunctionName"])
        if _is_stream(arn):
            self._streams.check(spec)
            known = self._streams.taken(arn, spec["FunctionName"])
            if known:
                raise _Conflict(known)
            return
        if service_of(arn) != "sqs":
            raise InvalidParameterValueException(
                f"Local AWS supports event sources of SQS, DynamoDB and Kinesis, not {arn}."
            )
        self.check_options(spec, arn)
        queues: Any = sqs_backends[ACCOUNT][self._region]
        try:
            queue = queues.get_queue(arn.rsplit(":", 1)[1])
        except QueueDoesNotExist:
            raise InvalidParameterValueException(
                f"Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue: {arn}"
            ) from None
        function: Any = self._functions.resolve(spec["FunctionName"])
        if int(queue.visibility_timeout) < int(function.timeout):
            raise InvalidParameterValueException(
                f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than "
                f"Function timeout: {function.timeout} seconds"
            )
        for action in _ACTIONS:
            if self._guard.denied_to_role(function.role, function.function_name, f"sqs:{action}", arn):
                raise InvalidParameterValueException(
                    f"The provided execution role does not have permissions to call {action} on SQS"
                )
        for poller in self._pollers.values():
            if poller.serves(arn, spec["FunctionName"]):
                raise _Conflict(poller.mapping.uuid)

    def check_options(self, spec: dict[str, Any], arn: str) -> None:
        """Raise for options that are unsupported or invalid for the source `arn`."""
        if _is_stream(arn):
            self._streams.check_options(spec, arn)
            return
        for name in _OF_STREAMS:
            if spec.get(name) not in (None, False):
                raise InvalidParameterValueException(
                    f"Unsupported {name} parameter for given event source mapping type."
                )
        fifo = arn.endswith(".fifo")
        for name in _UNSUPPORTED:
            if spec.get(name):
                raise InvalidParameterValueException(f"Local AWS doesn't support {name} of an event source mapping.")
        try:
            compile_filters(spec.get("FilterCriteria"))
        except PatternError as error:
            raise InvalidParameterValueException(f"Invalid filter pattern definition: {error}.") from None
        limit = (spec.get("ScalingConfig") or {}).get("MaximumConcurrency")
        if limit is not None and not 2 <= int(limit) <= 1000:
            raise InvalidParameterValueException(f"MaximumConcurrency must be from 2 to 1000, not {limit}.")
        size, window = int(spec.get("BatchSize") or 10), int(spec.get("MaximumBatchingWindowInSeconds") or 0)
        if fifo and (window or size > 10):
            raise InvalidParameterValueException(
                "Batching window is not supported for FIFO queues, whose batches have at most 10 messages."
            )
        if size > 10 and not window:
            raise InvalidParameterValueException(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            )


def _is_stream(arn: str) -> bool:
    return service_of(arn) in ("dynamodb", "kinesis")


def _disconnect(mapping: Any) -> None:
    """Take a mapping from its stream in moto, which would call the function itself."""
    if service_of(mapping.event_source_arn) == "kinesis":
        streams: Any = kinesis_backends[ACCOUNT][mapping.region]
        streams.streams[mapping.event_source_arn.rpartition("/")[2]].lambda_event_source_mappings.clear()
    else:
        tables: Any = dynamodb_backends[ACCOUNT][mapping.region]
        name = mapping.event_source_arn.split(":table/")[1].partition("/")[0]
        tables.get_table(name).lambda_event_source_mappings.clear()


class _Conflict(JsonRESTError):
    code = 409

    def __init__(self, uuid: str) -> None:
        super().__init__(
            "ResourceConflictException",
            "The event source arn and function provided mapping already exists. "
            f"Please update or delete the existing mapping with UUID {uuid}",
        )


class _NoSuchMapping(JsonRESTError):
    code = 404

    def __init__(self) -> None:
        super().__init__("ResourceNotFoundException", "The resource you requested does not exist.")


def _known(original: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a request for a mapping that doesn't exist as Lambda does."""

    def with_mapping(request: Any) -> Any:
        if request.backend.get_event_source_mapping(request.path.rstrip("/").rpartition("/")[2]) is None:
            raise _NoSuchMapping
        return original(request)

    return with_mapping


def _complete(original: Callable[..., Any]) -> Callable[..., Any]:
    """Describe a mapping with the defaults, and with the function as it was named, of an alias too."""

    def get_configuration(mapping: Any) -> dict[str, Any]:
        name, qualifier = split(mapping.function_name)
        arn = f"{mapping.function_arn.partition(':function:')[0]}:function:{name}"
        defaults = _OF_STREAMS if _is_stream(mapping.event_source_arn) else {}
        return {
            "MaximumBatchingWindowInSeconds": 0,
            **{member: value for member, value in defaults.items() if value is not None},
            **original(mapping),
            "FunctionArn": f"{arn}:{qualifier}" if qualifier else arn,
        }

    return get_configuration


def _updating(mappings: EventSourceMappings, original: Callable[..., Any]) -> Callable[..., Any]:
    def update_event_source_mapping(self: Any, uuid: str, spec: dict[str, Any]) -> Any:
        mappings.check_options(spec, self.get_event_source_mapping(uuid).event_source_arn)
        mapping = original(self, uuid, spec)
        if "FilterCriteria" in spec:
            mapping.filter_criteria = spec["FilterCriteria"]
        if spec.get("FunctionName"):
            mapping.function_name = spec["FunctionName"]
        return mapping

    return update_event_source_mapping


def install(patches: MotoPatches, mappings: EventSourceMappings) -> None:
    """Start, update and stop pollers with moto's event source mappings."""

    def created(original: Callable[..., Any]) -> Callable[..., Any]:
        def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> Any:
            mappings.check(spec)
            mapping = original(self, spec)
            if _is_stream(mapping.event_source_arn):
                _disconnect(mapping)
            mappings.start(mapping)
            return mapping

        return create_event_source_mapping

    def deleted(original: Callable[..., Any]) -> Callable[..., Any]:
        def delete_event_source_mapping(self: Any, uuid: str) -> Any:
            mappings.stop(uuid)
            return original(self, uuid)

        return delete_event_source_mapping

    for name in ("get_event_source_mapping", "update_event_source_mapping", "delete_event_source_mapping"):
        patches.replace(responses.LambdaResponse, name, _known)
    patches.replace(models.EventSourceMapping, "get_configuration", _complete)
    backend = models.LambdaBackend
    patches.replace(backend, "create_event_source_mapping", created)
    patches.replace(backend, "update_event_source_mapping", partial(_updating, mappings))
    patches.replace(backend, "delete_event_source_mapping", deleted)
