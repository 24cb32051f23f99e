"""Lambda entry point of training: takes an SQS batch of uploads, or one upload as a step of the state machine."""

import json
import os
import time
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from mlops.errors.data import EventInvalid
from mlops.errors.training import TrainingTooLarge
from mlops.intake.flow import Arrival
from mlops.intake.larger import StateMachine, choose_container
from mlops.intake.log import TrainingLog
from mlops.intake.resources import MEGABYTE, Resources
from mlops.privacy_key import with_privacy_key
from mlops.settings import TrainSettings, read_settings
from mlops.telemetry import make_logger
from trainers import make_intake

settings = read_settings(TrainSettings, with_privacy_key(os.environ))
log = TrainingLog(make_logger())
intake = make_intake(settings, boto3.client("s3"), log, os.environ)


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Train on each upload of the batch, or have the state machine do it. One that fails goes back to the queue.

    As a step of the state machine: train on `upload`; returns its outcome, or the container for a larger one. With
    `plan`, returns the parts of its search that can run at once; with such a part in `fit`, runs it.
    """
    if "upload" in event:
        return _step(event, context)
    # If every message of a batch fails, they are reported one by one too, and not as a failed invocation.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    take = _start if settings.train_machine else partial(_train, resources=_resources(context))
    return process_partial_response(event, take, processor, context)


def _resources(context: LambdaContext, *, may_move: bool = False) -> Resources:
    """What this invocation has left."""
    seconds = context.get_remaining_time_in_millis() / 1000
    memory = int(context.memory_limit_in_mb) * MEGABYTE
    return Resources(memory=memory, deadline=time.monotonic() + seconds, may_move=may_move)


def _start(record: SQSRecord) -> None:
    _read(record.body)
    StateMachine(boto3.client("stepfunctions"), settings.train_machine).start(record.message_id, record.body)


def _train(record: SQSRecord, resources: Resources) -> None:
    _take(_read(record.body), resources)


def _step(event: dict[str, Any], context: LambdaContext) -> Any:
    arrival = _read(json.dumps(event["upload"]))
    if "plan" in event:
        return intake.plan(arrival, _resources(context))
    if "fit" in event:
        return intake.fit(arrival, event["fit"], _resources(context))
    return _train_or_move(arrival, context)


def _train_or_move(arrival: Arrival, context: LambdaContext) -> dict[str, Any]:
    try:
        report = _take(arrival, _resources(context, may_move=True))
    except TrainingTooLarge as error:
        size = choose_container(error.size, arrival.key)
        image = boto3.client("lambda").get_function(FunctionName=context.function_name)["Code"]["ImageUri"]
        place = {"image": image, "cpu": str(size.cpu), "memory": str(size.memory)}
        return {"outcome": "too_large", "reason": error.reason, **place}
    return {"outcome": report["outcome"], "reason": report["reason"], "version": report.get("version")}


def _read(body: str) -> Arrival:
    try:
        return Arrival.from_message(body)
    except EventInvalid as error:
        log.unreadable(body, error)
        raise


def _take(arrival: Arrival, resources: Resources) -> dict[str, Any]:
    started = time.monotonic()
    try:
        report = intake.take(arrival, resources)
    except TrainingTooLarge as error:
        log.moved(arrival, error)
        raise
    except Exception as error:
        log.failed(arrival, error)
        raise
    log.done(arrival, report, time.monotonic() - started)
    return report
