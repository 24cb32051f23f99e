"""What local AWS refuses of Firehose streams, by resource, property and line."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from localaws.errors import TemplateRefused
from localaws.template.load import parse
from localaws.validation.check import check, notes

KIND = "AWS::KinesisFirehose::DeliveryStream"
TO = "ExtendedS3DestinationConfiguration"
BASE = {"BucketARN": "arn:aws:s3:::bucket", "RoleARN": "role"}


def template(properties: dict[str, Any], parameters: dict[str, Any] | None = None) -> Any:
    body = {"Parameters": parameters or {}, "Resources": {"It": {"Type": KIND, "Properties": properties}}}
    return parse(yaml.safe_dump(body, sort_keys=False), "template.yaml")


def refusal(properties: dict[str, Any]) -> str:
    with pytest.raises(TemplateRefused) as caught:
        check(template(properties), {})
    return str(caught.value)


def processing(kind: str, **parameters: Any) -> dict[str, Any]:
    items = [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": kind, "Parameters": items}]}}


@pytest.mark.parametrize(
    "other",
    [
        "AmazonOpenSearchServerlessDestinationConfiguration",
        "AmazonopensearchserviceDestinationConfiguration",
        "DatabaseSourceConfiguration",
        "ElasticsearchDestinationConfiguration",
        "HttpEndpointDestinationConfiguration",
        "IcebergDestinationConfiguration",
        "KinesisStreamSourceConfiguration",
        "MSKSourceConfiguration",
        "RedshiftDestinationConfiguration",
        "S3DestinationConfiguration",
        "SnowflakeDestinationConfiguration",
        "SplunkDestinationConfiguration",
    ],
)
def test_other_sources_and_destinations_are_refused(other: str) -> None:
    refused = refusal({TO: BASE, other: {"RoleARN": "role"}})
    assert f"line 9: It.{other}: this property isn't supported" in refused


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"DataFormatConversionConfiguration": {"Enabled": True}}, f"It.{TO}.DataFormatConversionConfiguration"),
        ({"S3BackupConfiguration": {}}, f"It.{TO}.S3BackupConfiguration"),
        ({"S3BackupMode": "Enabled"}, "only Disabled, not Enabled"),
        ({"CompressionFormat": "ZIP"}, "only UNCOMPRESSED, GZIP, not ZIP"),
        (
            {"EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": "key"}}},
            f"It.{TO}.EncryptionConfiguration.KMSEncryptionConfig",
        ),
        ({"Prefix": "!{partitionKeyFromLambda:k}/"}, f"It.{TO}.Prefix: the expression"),
        ({"Prefix": "!{timestamp:EEEE}/"}, f"It.{TO}.Prefix: local AWS supports timestamps of"),
        ({"Prefix": "!{timestamp:yyyy}/"}, "ErrorOutputPrefix can't be null"),
        ({"ErrorOutputPrefix": "!{timestamp:yyyy}/"}, f"It.{TO}.ErrorOutputPrefix: ErrorOutputPrefix has expressions"),
        ({"CustomTimeZone": "Nowhere"}, f"It.{TO}.CustomTimeZone: CustomTimeZone Nowhere"),
        ({"BufferingHints": {"SizeInMBs": "129"}}, f"It.{TO}.BufferingHints: BufferingHints.SizeInMBs"),
        (
            {"DynamicPartitioningConfiguration": {"Enabled": "true"}, "BufferingHints": {"SizeInMBs": 5}},
            "at least 64 when Dynamic Partitioning",
        ),
        (processing("Lambda", LambdaArn="f"), "Type Lambda isn't supported; local AWS supports Decompression"),
        (processing("Decompression", CompressionFormat="SNAPPY"), "only GZIP, not SNAPPY"),
        (processing("RecordDeAggregation", SubRecordType="XML"), "only JSON, DELIMITED, not XML"),
        (processing("MetadataExtraction", JsonParsingEngine="JQ-1.7"), "only JQ-1.6, not JQ-1.7"),
        (
            processing("MetadataExtraction", MetadataExtractionQuery="{kind: "),
            f"It.{TO}.ProcessingConfiguration.Processors[0].Parameters[0].ParameterValue: the jq query",
        ),
        (processing("AppendDelimiterToRecord", Another="x"), "ParameterName Another isn't supported"),
    ],
)
def test_what_a_destination_cannot_do_is_refused(options: dict[str, Any], names: str) -> None:
    assert names in refusal({TO: BASE | options})


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"DeliveryStreamType": "KinesisStreamAsSource"}, "only DirectPut, not KinesisStreamAsSource"),
        (
            {"DeliveryStreamEncryptionConfigurationInput": {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": "key"}},
            "only AWS_OWNED_CMK, not CUSTOMER_MANAGED_CMK",
        ),
    ],
)
def test_other_types_and_keys_are_refused(properties: dict[str, Any], names: str) -> None:
    assert names in refusal({TO: BASE} | properties)


def test_values_that_are_not_known_yet_are_not_refused() -> None:
    unknown = {"Fn::Sub": "${AWS::StackName}/"}
    options = {
        "BufferingHints": {"SizeInMBs": {"Ref": "Size"}, "IntervalInSeconds": {"Ref": "AWS::NoValue"}},
        "Prefix": unknown,
        "ErrorOutputPrefix": unknown,
    }
    given = template({TO: BASE | options}, {"Size": {"Type": "Number", "Default": 64}})
    check(given, {})
    assert all(not note.startswith("BufferingHints") and "Prefix" not in note for note in notes(given))
