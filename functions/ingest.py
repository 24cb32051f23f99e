"""Lambda entry point of ingestion: takes an SQS batch of feedback files and failed records, returns what to retry."""

import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from mlops.errors.data import EventInvalid
from mlops.events import ObjectCreated
from mlops.ingestion.feedback_file import FeedbackFiles
from mlops.ingestion.intake import Intake
from mlops.ingestion.log import IngestionLog
from mlops.privacy_key import with_privacy_key
from mlops.registry.store import open_store
from mlops.settings import IngestSettings, read_settings
from mlops.telemetry import make_logger

settings = read_settings(IngestSettings, with_privacy_key(os.environ))
log = IngestionLog(make_logger())
intake = Intake(
    files=FeedbackFiles(
        data=open_store(f"s3://{settings.data_bucket}"),
        registry=open_store(f"s3://{settings.models_bucket}"),
        records=open_store(f"s3://{settings.records_bucket}"),
        records_bucket=settings.records_bucket,
        privacy_key=settings.privacy_key.get_secret_value().encode(),
        now=lambda: datetime.now(UTC),
    ),
    log=log,
    data_bucket=settings.data_bucket,
    records_bucket=settings.records_bucket,
)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Take in each object of the batch. One that fails goes back to the queue, which retries it."""
    # If every message of a batch fails, they are reported one by one too, and not as a failed invocation.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, _take, processor, context)


def _take(record: SQSRecord) -> None:
    try:
        created = ObjectCreated.from_message(record.body)
    except EventInvalid as error:
        log.unreadable(record.body, error)
        raise
    try:
        intake.take(created)
    except Exception as error:
        log.failed(created, error)
        raise
