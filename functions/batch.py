"""Lambda entry point of batch predictions: one step of a run of the state machine."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from mlops.batch.log import BatchLog
from mlops.batch.places import Places
from mlops.batch.steps import Steps
from mlops.privacy_key import with_privacy_key
from mlops.registry.store import Store, open_store
from mlops.serving.recording import Recording
from mlops.settings import BatchSettings, read_settings
from mlops.telemetry import make_logger


@cache
def open_bucket(name: str) -> Store:
    """A bucket by its name."""
    return open_store(f"s3://{name}")


settings = read_settings(BatchSettings, with_privacy_key(os.environ))
steps = Steps(
    Places(
        registry=open_bucket(settings.models_bucket),
        answers=open_bucket(settings.answers_bucket),
        answers_bucket=settings.answers_bucket,
        records=open_bucket(settings.records_bucket),
        open_bucket=open_bucket,
        privacy_key=settings.privacy_key.get_secret_value().encode(),
        recording=Recording.from_settings(settings.record_inputs, settings.record_cell_bytes),
        concurrency=settings.batch_concurrency,
        now=lambda: datetime.now(UTC),
    ),
    BatchLog(make_logger()),
)


def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Carry out the step that the event names."""
    return steps.run(event)
