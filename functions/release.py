"""Lambda entry point of releases: CodeDeploy calls it before a version of the API gets traffic, and after."""

import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from mlops.release.check_key import CheckKeys
from mlops.release.hook import Hook
from mlops.settings import ReleaseSettings, read_settings
from mlops.telemetry import make_logger

settings = read_settings(ReleaseSettings, os.environ)
hook = Hook(
    codedeploy=boto3.client("codedeploy"),
    functions=boto3.client("lambda"),
    cloudwatch=boto3.client("cloudwatch"),
    keys=CheckKeys(boto3.client("dynamodb"), settings.keys_table),
    logger=make_logger(),
    namespace=settings.powertools_metrics_namespace,
)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:  # noqa: ARG001 (Lambda passes it)
    """Answer one lifecycle event."""
    return hook.answer(event["DeploymentId"], event["LifecycleEventHookExecutionId"])
