"""Lambda entry point of comparisons: what changed between two versions, kept for the console, which asks for it."""

import os
from typing import Any

import boto3
import obstore
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic_core import to_json

from mlops.artifact.names import changes_key
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.settings import CompareSettings, read_settings
from mlops.telemetry import make_logger
from mlops.training.version_changes import describe_changes

settings = read_settings(CompareSettings, os.environ)
registry, records = (open_store(f"s3://{name}") for name in (settings.models_bucket, settings.records_bucket))
s3, logger = boto3.client("s3"), make_logger()


def handler(event: dict[str, Any], context: LambdaContext) -> Any:  # noqa: ARG001 - Lambda gives it
    """Compare the two `versions` of `model`, whose numbers ascend; returns the key of what was found."""
    model, (first, second) = event["model"], event["versions"]
    versions = Versions(registry, model)
    document = describe_changes(s3, versions, (versions.table(first), versions.table(second)))
    key = changes_key(model, first, second)
    obstore.put(records, key, to_json(document, inf_nan_mode="null"))
    found = {"datasets": document["datasets_problem"], "answers": document["answers_problem"]}
    logger.info(
        "compared two versions", extra={"record": "comparison", "model": model, "versions": [first, second], **found}
    )
    return {"key": key}
