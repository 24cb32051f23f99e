"""Firehose's operations: what moto stores is checked, and records are delivered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.firehose.exceptions import (
    FirehoseException,
    InvalidArgumentException,
    ResourceNotFoundException,
    ValidationException,
)
from moto.firehose.models import DeliveryStream
from moto.firehose.responses import FirehoseResponse

from localaws.firehose.batch import Stream
from localaws.firehose.delivery import DeliveryStreams
from localaws.firehose.destination import read
from localaws.firehose.errors import InvalidDestination

_LARGEST_RECORD = 1000 * 1024
_MOST_RECORDS, _LARGEST_BATCH = 500, 4 * 1024 * 1024
_CREATE = frozenset(
    {
        "DeliveryStreamEncryptionConfigurationInput",
        "DeliveryStreamName",
        "DeliveryStreamType",
        "ExtendedS3DestinationConfiguration",
        "Tags",
    }
)
_UPDATE = frozenset(
    {"CurrentDeliveryStreamVersionId", "DeliveryStreamName", "DestinationId", "ExtendedS3DestinationUpdate"}
)


class FirehoseApi(FirehoseResponse):
    """moto's request handler, with the operations that deliver."""

    streams: DeliveryStreams

    def create_delivery_stream(self) -> ActionResult:
        """Create a stream that delivers to S3; refuse other sources and destinations."""
        self._demand_only(_CREATE)
        if self._get_param("DeliveryStreamType", "DirectPut") != "DirectPut":
            raise InvalidArgumentException("Local AWS supports DeliveryStreamType DirectPut only.")
        self._demand_no_key()
        self._check(self._get_param("ExtendedS3DestinationConfiguration") or {})
        answer = super().create_delivery_stream()
        self._configure()
        return answer

    def update_destination(self) -> ActionResult:
        """Update the destination; properties that aren't given keep their values."""
        self._demand_only(_UPDATE)
        current, update = self._description(), self._get_param("ExtendedS3DestinationUpdate") or {}
        enabled = [
            bool((given.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))
            for given in (current, {**current, **update})
        ]
        if enabled[0] != enabled[1]:
            raise InvalidArgumentException("Dynamic Partitioning can't be enabled or disabled on an existing stream.")
        self._check({**current, **update})
        answer = super().update_destination()
        self._configure()
        return answer

    def delete_delivery_stream(self) -> ActionResult:
        """Delete a stream; what it has buffered is delivered."""
        answer = super().delete_delivery_stream()
        self.streams.remove(self._get_param("DeliveryStreamName"))
        return answer

    def put_record(self) -> ActionResult:
        """Buffer a record."""
        self._put([self._get_param("Record")])
        return ActionResult({"RecordId": _record_id(), "Encrypted": False})

    def put_record_batch(self) -> ActionResult:
        """Buffer records."""
        records = self._get_param("Records")
        if len(records) > _MOST_RECORDS:
            raise ValidationException(
                "1 validation error detected: Value at 'records' failed to satisfy constraint: "
                f"Member must have length less than or equal to {_MOST_RECORDS}"
            )
        self._put(records)
        responses = [{"RecordId": _record_id()} for _ in records]
        return ActionResult({"FailedPutCount": 0, "Encrypted": False, "RequestResponses": responses})

    def start_delivery_stream_encryption(self) -> ActionResult:
        """Store the state of encryption, which has no effect; refuse keys of customers."""
        self._demand_no_key()
        return super().start_delivery_stream_encryption()

    def _put(self, records: Iterable[Mapping[str, bytes]]) -> None:
        stream = self._stream()
        if stream.destination.pipeline.decompress:
            raise FirehoseException(
                "InvalidSourceException",
                "Only requests from CloudWatch Logs are supported when CloudWatch Logs decompression is enabled.",
            )
        data = [record["Data"] for record in records]
        if any(len(record) > _LARGEST_RECORD for record in data):
            raise ValidationException(
                "1 validation error detected: Value at 'record.data' failed to satisfy constraint: "
                f"Member must have length less than or equal to {_LARGEST_RECORD}"
            )
        if sum(map(len, data)) > _LARGEST_BATCH:
            raise InvalidArgumentException("Records size exceeds 4 MB limit")
        self.streams.put(stream, data)

    def _stream(self) -> Stream:
        name = self._get_param("DeliveryStreamName")
        stream = self.streams.find(name)
        if stream is None:
            raise ResourceNotFoundException(f"Firehose {name} under account {self.current_account} not found.")
        return stream

    def _description(self) -> Mapping[str, Any]:
        """The destination of the stream in question, as the API describes it."""
        described: Mapping[str, Any] = self._stored().destinations[0]["ExtendedS3"]
        return described

    def _stored(self) -> DeliveryStream:
        self._stream()
        return self.firehose_backend.delivery_streams[self._get_param("DeliveryStreamName")]

    def _configure(self) -> None:
        """Deliver by the configuration that moto has stored."""
        stored = self.firehose_backend.delivery_streams[self._get_param("DeliveryStreamName")]
        destination = read(stored.destinations[0]["ExtendedS3"])
        self.streams.configure(
            Stream(stored.delivery_stream_name, stored.delivery_stream_arn, stored.version_id, destination)
        )

    def _demand_only(self, supported: frozenset[str]) -> None:
        for name in sorted(key for key, value in self.params.items() if key not in supported and value):
            raise InvalidArgumentException(f"{name} isn't supported by local AWS.")

    def _demand_no_key(self) -> None:
        encryption = self._get_param("DeliveryStreamEncryptionConfigurationInput") or {}
        if encryption.get("KeyType", "AWS_OWNED_CMK") != "AWS_OWNED_CMK":
            raise InvalidArgumentException("Local AWS supports KeyType AWS_OWNED_CMK only: nothing is encrypted.")

    @staticmethod
    def _check(destination: Mapping[str, Any]) -> None:
        if not destination:
            raise InvalidArgumentException("Exactly one destination configuration is supported for a Firehose")
        try:
            read(destination)
        except InvalidDestination as error:
            raise InvalidArgumentException(f"{error}") from error


def _record_id() -> str:
    return uuid.uuid4().hex * 4
