"""The services that tasks call, by the names that they have in resource ARNs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import botocore.session

_DIRECT = ("", "waitForTaskToken")
# Optimized integrations → the patterns that they support.
INTEGRATIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("batch", "submitJob"): ("", "sync", "waitForTaskToken"),
    ("dynamodb", "deleteItem"): ("",),
    ("dynamodb", "getItem"): ("",),
    ("dynamodb", "putItem"): ("",),
    ("dynamodb", "updateItem"): ("",),
    ("ecs", "runTask"): ("", "sync", "waitForTaskToken"),
    ("events", "putEvents"): _DIRECT,
    ("lambda", "invoke"): _DIRECT,
    ("sns", "publish"): _DIRECT,
    ("sqs", "sendMessage"): _DIRECT,
    ("states", "startExecution"): ("", "sync", "sync:2", "waitForTaskToken"),
}
# Their services → boto3's name of the service, and the beginning of its errors' names.
OPTIMIZED_SERVICES: Mapping[str, tuple[str, str]] = {
    "batch": ("batch", "Batch"),
    "dynamodb": ("dynamodb", "DynamoDB"),
    "ecs": ("ecs", "ECS"),
    "events": ("events", "EventBridge"),
    "lambda": ("lambda", "Lambda"),
    "sns": ("sns", "SNS"),
    "sqs": ("sqs", "SQS"),
    "states": ("stepfunctions", "StepFunctions"),
}
# Services of AWS SDK integrations → boto3's name of the service, and the beginning of its errors' names.
SDK_SERVICES: Mapping[str, tuple[str, str]] = {
    "batch": ("batch", "Batch"),
    "cloudwatch": ("cloudwatch", "CloudWatch"),
    "cloudwatchlogs": ("logs", "CloudWatchLogs"),
    "dynamodb": ("dynamodb", "DynamoDb"),
    "ecs": ("ecs", "Ecs"),
    "eventbridge": ("events", "EventBridge"),
    "firehose": ("firehose", "Firehose"),
    "kinesis": ("kinesis", "Kinesis"),
    "lambda": ("lambda", "Lambda"),
    "s3": ("s3", "S3"),
    "scheduler": ("scheduler", "Scheduler"),
    "secretsmanager": ("secretsmanager", "SecretsManager"),
    "sfn": ("stepfunctions", "Sfn"),
    "sns": ("sns", "Sns"),
    "sqs": ("sqs", "Sqs"),
    "ssm": ("ssm", "Ssm"),
    "sts": ("sts", "Sts"),
}


@lru_cache(maxsize=64)
def model_of(client: str) -> Any:
    """botocore's model of a service."""
    return botocore.session.get_session().get_service_model(client)


def operation_of(service: str, action: str) -> str | None:
    """The name of an API action of an AWS SDK integration, such as GetObject for getObject; None if there's none."""
    wanted = action[:1].upper() + action[1:]
    names = model_of(SDK_SERVICES[service][0]).operation_names
    return wanted if action[:1].islower() and wanted in names else None
