"""DynamoDB: tables."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, truth
from localaws.resource_types.support import DONE, NO_BACKUPS, NO_CAPACITY, NOT_ENCRYPTED, NOT_ENFORCED, Rules, done

_THROUGHPUT = ("ReadCapacityUnits", "WriteCapacityUnits")


class Table:
    """AWS::DynamoDB::Table with keys, indexes, time to live, and the capture of its changes."""

    name = "AWS::DynamoDB::Table"
    replaced_by = frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"})
    attributes = ("Arn", "StreamArn")
    properties: ClassVar[Rules] = {
        **done("AttributeDefinitions", "KeySchema", "TableName", "Tags"),
        "BillingMode": NO_CAPACITY,
        "ContributorInsightsSpecification": "access isn't analysed",
        "DeletionProtectionEnabled": "tables aren't protected from deletion",
        "GlobalSecondaryIndexes": {
            **done("IndexName", "KeySchema", "Projection"),
            "ProvisionedThroughput": NO_CAPACITY,
        },
        "KinesisStreamSpecification": {
            "ApproximateCreationDateTimePrecision": ["MILLISECOND"],
            "StreamArn": DONE,
        },
        "LocalSecondaryIndexes": done("IndexName", "KeySchema", "Projection"),
        "PointInTimeRecoverySpecification": NO_BACKUPS,
        "ProvisionedThroughput": NO_CAPACITY,
        "SSESpecification": NOT_ENCRYPTED,
        "StreamSpecification": {
            "ResourcePolicy": NOT_ENFORCED,
            "StreamViewType": ["KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE"],
        },
        "TableClass": "the table class has no effect",
        "TimeToLiveSpecification": "items don't expire",
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the table, named as given or after the stack."""
        dynamodb = scope.clients("dynamodb")
        name = properties.get("TableName") or scope.generated_name(255)
        options: dict[str, Any] = {
            key: properties[key] for key in ("LocalSecondaryIndexes", "TableClass") if properties.get(key)
        }
        indexes = [_index(index) for index in properties.get("GlobalSecondaryIndexes") or []]
        table = dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            Tags=tag_list(properties.get("Tags")),
            **_billing(properties),
            **_stream(properties),
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
            **options,
        )["TableDescription"]
        self._expire(dynamodb, name, {}, properties)
        self._capture(dynamodb, name, {}, properties)
        return self._deployed(table)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Change billing, time to live and global indexes."""
        dynamodb = scope.clients("dynamodb")
        if _billing(old) != _billing(new):
            dynamodb.update_table(TableName=physical_id, **_billing(new))
        before = {index["IndexName"]: _index(index) for index in old.get("GlobalSecondaryIndexes") or []}
        after = {index["IndexName"]: _index(index) for index in new.get("GlobalSecondaryIndexes") or []}
        for name in before.keys() - after.keys():
            self._change(dynamodb, physical_id, new, {"Delete": {"IndexName": name}})
        for name in after.keys() - before.keys():
            self._change(dynamodb, physical_id, new, {"Create": after[name]})
        self._expire(dynamodb, physical_id, old, new)
        if _stream(old) != _stream(new):
            if _stream(old):
                dynamodb.update_table(TableName=physical_id, StreamSpecification={"StreamEnabled": False})
            if _stream(new):
                dynamodb.update_table(TableName=physical_id, **_stream(new))
        self._capture(dynamodb, physical_id, old, new)
        return self._deployed(dynamodb.describe_table(TableName=physical_id)["Table"])

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the table and its items."""
        dynamodb = scope.clients("dynamodb")
        try:
            dynamodb.delete_table(TableName=physical_id)
        except dynamodb.exceptions.ResourceNotFoundException:
            return

    @staticmethod
    def _deployed(table: dict[str, Any]) -> Deployed:
        stream = {"StreamArn": table["LatestStreamArn"]} if table.get("LatestStreamArn") else {}
        return Deployed(table["TableName"], {"Arn": table["TableArn"], **stream})

    @staticmethod
    def _capture(dynamodb: Any, name: str, old: Properties, new: Properties) -> None:
        before, after = (
            (properties.get("KinesisStreamSpecification") or {}).get("StreamArn") for properties in (old, new)
        )
        if before and before != after:
            dynamodb.disable_kinesis_streaming_destination(TableName=name, StreamArn=before)
        if after and before != after:
            dynamodb.enable_kinesis_streaming_destination(TableName=name, StreamArn=after)

    @staticmethod
    def _change(dynamodb: Any, name: str, properties: Properties, change: dict[str, Any]) -> None:
        dynamodb.update_table(
            TableName=name,
            AttributeDefinitions=properties["AttributeDefinitions"],
            GlobalSecondaryIndexUpdates=[change],
        )

    @staticmethod
    def _expire(dynamodb: Any, name: str, old: Properties, new: Properties) -> None:
        wanted, before = new.get("TimeToLiveSpecification"), old.get("TimeToLiveSpecification")
        if wanted and wanted != before:
            specification = {"AttributeName": wanted["AttributeName"], "Enabled": truth(wanted["Enabled"])}
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def _billing(properties: Properties) -> dict[str, Any]:
    mode, throughput = properties.get("BillingMode"), properties.get("ProvisionedThroughput")
    if mode == "PAY_PER_REQUEST" or not throughput:
        return {"BillingMode": "PAY_PER_REQUEST"}
    return {"ProvisionedThroughput": {key: int(throughput[key]) for key in _THROUGHPUT}}


def _stream(properties: Properties) -> dict[str, Any]:
    given = properties.get("StreamSpecification")
    if not given:
        return {}
    return {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": given["StreamViewType"]}}


def _index(index: Properties) -> dict[str, Any]:
    throughput = index.get("ProvisionedThroughput")
    given = {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
    return given | ({"ProvisionedThroughput": {key: int(throughput[key]) for key in _THROUGHPUT}} if throughput else {})
