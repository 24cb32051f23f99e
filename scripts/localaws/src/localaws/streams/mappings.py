"""Event source mappings of streams."""

from __future__ import annotations

from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException

from localaws.events.pattern import PatternError
from localaws.events.source_filters import RecordForm, compile_filters
from localaws.iam.guard import Guard
from localaws.lambdas.functions import Functions
from localaws.streams.dynamodb import FORM as TABLE_FORM
from localaws.streams.dynamodb import TableSource
from localaws.streams.kinesis import FORM as KINESIS_FORM
from localaws.streams.kinesis import KinesisSource
from localaws.streams.poller import StreamPoller
from localaws.targets import Targets, service_of

_UNSUPPORTED = ("KMSKeyArn", "MetricsConfig", "ProvisionedPollerConfig", "ScalingConfig", "TumblingWindowInSeconds")
# What Lambda does to a stream by the function's role.
_ACTIONS = {
    "dynamodb": ("GetRecords", "GetShardIterator", "DescribeStream"),
    "kinesis": ("GetRecords", "GetShardIterator", "DescribeStream", "ListShards"),
}


class StreamMappings:
    """The pollers of the streams of all event source mappings."""

    def __init__(self, functions: Functions, targets: Targets, guard: Guard, region: str) -> None:
        self._functions, self._targets, self._guard, self._region = functions, targets, guard, region
        self._pollers: dict[str, StreamPoller] = {}

    def start(self, mapping: Any) -> None:
        """Start reading the mapping's stream."""
        source = self._source(mapping.event_source_arn)
        self._pollers[mapping.uuid] = StreamPoller(mapping, source, self._functions, self._targets)

    def stop(self, uuid: str) -> None:
        """Stop reading; a running batch is finished."""
        poller = self._pollers.pop(uuid, None)
        if poller:
            poller.stop()

    def close(self) -> None:
        """Stop all pollers."""
        for poller in self._pollers.values():
            poller.stop()
        self._pollers.clear()

    def taken(self, arn: str, function: str) -> str | None:
        """The id of the mapping of a stream and a function, if there's one."""
        return next((uuid for uuid, poller in self._pollers.items() if poller.serves(arn, function)), None)

    def check(self, spec: dict[str, Any]) -> None:
        """Raise for an invalid mapping, as AWS does, and for unsupported options."""
        arn = str(spec["EventSourceArn"])
        start = spec.get("StartingPosition")
        allowed = ["TRIM_HORIZON", "LATEST", *(["AT_TIMESTAMP"] if service_of(arn) == "kinesis" else [])]
        if start not in allowed:
            raise InvalidParameterValueException(f"StartingPosition must be one of {', '.join(allowed)}, not {start}.")
        self.check_options(spec, arn)
        if not self._source(arn).exists:
            raise InvalidParameterValueException(f"Stream not found: {arn}")
        function: Any = self._functions.resolve(spec["FunctionName"])
        actions = _ACTIONS[service_of(arn)]
        for action in actions:
            if self._guard.denied_to_role(function.role, function.function_name, f"{service_of(arn)}:{action}", arn):
                raise InvalidParameterValueException(
                    f"Cannot access stream {arn}. Please ensure the role can perform the {', '.join(actions)} Actions "
                    "on your stream in IAM."
                )

    @staticmethod
    def check_options(spec: dict[str, Any], arn: str) -> None:
        """Raise for options that are unsupported or invalid."""
        for name in _UNSUPPORTED:
            if spec.get(name):
                raise InvalidParameterValueException(f"Local AWS doesn't support {name} of the mapping of a stream.")
        form: RecordForm = KINESIS_FORM if service_of(arn) == "kinesis" else TABLE_FORM
        try:
            compile_filters(spec.get("FilterCriteria"), form)
        except PatternError as error:
            raise InvalidParameterValueException(f"Invalid filter pattern definition: {error}.") from None
        destination = ((spec.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if destination and service_of(destination) not in ("sqs", "sns"):
            raise InvalidParameterValueException(
                f"Local AWS sends failures to queues and topics, not to {destination}."
            )

    def _source(self, arn: str) -> Any:
        kind = KinesisSource if service_of(arn) == "kinesis" else TableSource
        return kind(arn, self._region)
