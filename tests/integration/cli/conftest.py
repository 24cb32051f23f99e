"""The command line beside the S3 and CloudFormation of moto."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

TEMPLATE = """
Resources:
  DataBucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
Outputs:
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
