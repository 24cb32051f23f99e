"""The command line beside the S3 and CloudFormation of moto."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.moto_server import moto_server as start_moto

TEMPLATE = """
Resources:
  DataBucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
  KeysTable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: keys
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: digest, AttributeType: S}]
      KeySchema: [{AttributeName: digest, KeyType: HASH}]
Outputs:
  KeysTableName: {Value: !Ref KeysTable}
  DataBucketName: {Value: !Ref DataBucket}
  ApiUrl: {Value: http://127.0.0.1:9}
"""


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of the S3 that holds the data bucket of a deployed stack `mlops`."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("cloudformation").create_stack(StackName="mlops", TemplateBody=TEMPLATE)
        yield boto3.client("s3")


@pytest.fixture
def moto_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a moto server with nothing in it, for clients that aren't boto3's too; settings point at it."""
    with start_moto(monkeypatch) as address:
        yield address
