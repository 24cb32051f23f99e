"""Operations that local AWS doesn't have, and requests that it can't handle, in each protocol of AWS's services."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module", autouse=True)
def bucket(cloud: Any) -> Any:
    cloud.client("s3").create_bucket(Bucket="protocols")
    yield
    cloud.client("s3").delete_bucket(Bucket="protocols")


@pytest.mark.proves("unsupported operations", "cloudformation refused operations")
@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        # JSON
        ("logs", "describe_account_policies", {"policyType": "DATA_PROTECTION_POLICY"}),
        ("events", "describe_endpoint", {"Name": "e"}),
        ("dynamodb", "list_contributor_insights", {}),
        ("secretsmanager", "validate_resource_policy", {"ResourcePolicy": "{}"}),
        ("kinesis", "describe_account_settings", {}),
        # CBOR or JSON, as the client prefers
        ("cloudwatch", "describe_anomaly_detectors", {}),
        # query
        ("cloudformation", "detect_stack_drift", {"StackName": "local"}),
        ("cloudformation", "describe_stack_resource_drifts", {"StackName": "local"}),
        ("cloudformation", "create_stack_set", {"StackSetName": "s"}),
        ("sns", "get_data_protection_policy", {"ResourceArn": "arn:aws:sns:us-east-1:123456789012:t"}),
        ("iam", "generate_service_last_accessed_details", {"Arn": "arn:aws:iam::123456789012:role/r"}),
        ("sts", "decode_authorization_message", {"EncodedMessage": "m"}),
        ("ec2", "describe_verified_access_groups", {}),
        # REST and XML
        ("s3", "get_bucket_request_payment", {"Bucket": "protocols"}),
        ("s3", "get_bucket_metadata_configuration", {"Bucket": "protocols"}),
        ("s3", "get_object_torrent", {"Bucket": "protocols", "Key": "k"}),
        ("s3", "get_object_retention", {"Bucket": "protocols", "Key": "k"}),
        ("s3", "rename_object", {"Bucket": "protocols", "Key": "k", "RenameSource": "l"}),
        ("s3", "delete_bucket_inventory_configuration", {"Bucket": "protocols", "Id": "i"}),
        ("route53", "list_traffic_policies", {}),
        ("cloudfront", "list_streaming_distributions", {}),
        # REST and JSON
        ("lambda", "put_runtime_management_config", {"FunctionName": "f", "UpdateRuntimeOn": "Auto"}),
        ("apigatewayv2", "export_api", {"ApiId": "a", "OutputType": "JSON", "Specification": "OAS30"}),
        ("xray", "get_insight", {"InsightId": "i" * 36}),
        # Services that moto doesn't have
        ("translate", "translate_text", {"Text": "a", "SourceLanguageCode": "de", "TargetLanguageCode": "en"}),
    ],
)
def test_an_operation_that_is_missing_is_refused_by_name(
    cloud: Any, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    client = cloud.client(service)
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**arguments)
    answer = refused.value.response
    assert answer["Error"]["Code"] == "UnsupportedByLocalAws"
    message, asked = answer["Error"]["Message"], refused.value.operation_name
    one = f"Local AWS doesn't support {asked} of {service}."
    whole = f"Local AWS doesn't support {service}: "
    assert message == one or (message.startswith(whole) and message.endswith(f"The request was for {asked}."))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}, b"\xbf\xff"),
        (
            {
                "content-type": "application/x-amz-json-1.0",
                "x-amz-target": "GraniteServiceVersion20100801.DescribeAnomalyDetectors",
            },
            b"{}",
        ),
        ({"content-type": "application/x-www-form-urlencoded"}, b"Action=DescribeAnomalyDetectors&Version=2010-08-01"),
    ],
)
def test_the_error_has_the_protocol_of_the_request(cloud: Any, headers: dict[str, str], body: bytes) -> None:
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=a/20261128/us-east-1/monitoring/aws4_request, Signature=x"}
    path = (
        "/service/GraniteServiceVersion20100801/operation/DescribeAnomalyDetectors"
        if "smithy-protocol" in headers
        else "/"
    )
    answer = httpx.post(f"{cloud.endpoint}{path}", headers=headers | signed, content=body)
    kind = headers["content-type"]
    assert answer.headers["content-type"].split(";")[0] == ("text/xml" if "form" in kind else kind)
    assert b"DescribeAnomalyDetectors" in answer.content and b"<html" not in answer.content
    if "json" in kind:
        assert json.loads(answer.content)["__type"] == "UnsupportedByLocalAws"
    if "cbor" in kind:
        assert answer.content.startswith(b"\xa2") and answer.headers["smithy-protocol"] == "rpc-v2-cbor"


@pytest.mark.proves("failed operations")
@pytest.mark.parametrize(
    ("service", "headers", "path"),
    [
        ("dynamodb", {}, "/"),
        (
            "s3",
            {"content-type": "application/xml", "authorization": ""},
            "/protocols/k?restore&AWSAccessKeyId=a&Signature=x&Expires=4000000000",
        ),
        ("lambda", {}, "/2015-03-31/functions/f/nowhere"),
    ],
)
def test_a_request_that_fails_is_never_answered_by_a_page(
    cloud: Any, service: str, headers: dict[str, str], path: str
) -> None:
    scope = f"AWS4-HMAC-SHA256 Credential=a/20261128/us-east-1/{service}/aws4_request, Signature=x"
    answer = httpx.post(f"{cloud.endpoint}{path}", headers={"authorization": scope, **headers})
    assert answer.status_code >= 400
    assert "html" not in answer.headers["content-type"] and "<html" not in answer.text.lower()
    assert answer.headers["x-amzn-errortype"] in ("InternalFailure", "UnsupportedByLocalAws")
