"""Lambda entry point of training: takes an SQS batch of uploads, returns the messages to retry."""

import os
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from mlops.data.bucket import S3Bucket
from mlops.errors import EventInvalid
from mlops.registry.store import open_store
from mlops.serving.scorer import Scorer
from mlops.settings import TrainSettings, read_settings
from mlops.telemetry import make_logger
from mlops.tracking.mirror import open_mirror
from mlops.training.artifacts.package import GOLDEN_ROWS
from mlops.training.flow import Trainer
from mlops.training.intake import Arrival, Intake
from mlops.training.log import TrainingLog
from mlops.training.resources import MEGABYTE, Resources

settings = read_settings(TrainSettings, os.environ)
logger = make_logger()
log = TrainingLog(logger)
models = f"s3://{settings.models_bucket}"
intake = Intake(
    bucket=S3Bucket(boto3.client("s3"), settings.data_bucket),
    trainer=Trainer(
        store=open_store(models),
        mirror=open_mirror(settings.mlflow_tracking_uri, models, os.environ),
        load_for_serving=partial(Scorer.load, max_rows=GOLDEN_ROWS),
        now=lambda: datetime.now(UTC),
        progress=log.progress,
    ),
    root=Path(__file__).parent,
    commit=settings.code_commit,
)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Train on each upload of the batch. One that fails goes back to the queue, which retries it."""
    # If every message of a batch fails, they are reported one by one too, and not as a failed invocation.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, partial(_train, resources=_resources(context)), processor, context)


def _resources(context: LambdaContext) -> Resources:
    """What this invocation has left."""
    seconds = context.get_remaining_time_in_millis() / 1000
    return Resources(memory=int(context.memory_limit_in_mb) * MEGABYTE, deadline=time.monotonic() + seconds)


def _train(record: SQSRecord, resources: Resources) -> None:
    started = time.monotonic()
    try:
        arrival = Arrival.from_message(record.body)
    except EventInvalid as error:
        log.unreadable(record.body, error)
        raise
    try:
        report = intake.take(arrival, resources)
    except Exception as error:
        log.failed(arrival, error)
        raise
    log.done(arrival, report, time.monotonic() - started)
