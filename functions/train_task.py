"""Entry point of a container that trains on the upload in TRAIN_UPLOAD, with the settings of TRAIN_FUNCTION.

It ends with the code 0 once there's a report; any other end may be tried again.
"""

import os
import signal
import time
from types import FrameType
from typing import TYPE_CHECKING, Any

import boto3

from mlops.errors.training import TrainingInterrupted
from mlops.intake.flow import Arrival
from mlops.intake.log import TrainingLog
from mlops.intake.resources import MEGABYTE, Resources
from mlops.privacy_key import with_privacy_key
from mlops.settings import TaskSettings, TrainSettings, read_settings
from mlops.telemetry import make_logger
from trainers import make_intake

if TYPE_CHECKING:
    from obstore.store import S3Credential


def main() -> None:
    """Train, and report. SIGTERM, two minutes before capacity of Spot is taken back, ends it as one to be retried."""
    task = read_settings(TaskSettings, os.environ)
    _take_settings(boto3.client("lambda").get_function(FunctionName=task.train_function))
    log = TrainingLog(make_logger())
    settings = read_settings(TrainSettings, with_privacy_key(os.environ, _credentials))
    intake = make_intake(settings, boto3.client("s3"), log, os.environ)
    arrival = Arrival.from_message(task.train_upload)
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    resources = Resources(
        memory=task.train_memory_mb * MEGABYTE,
        deadline=started + task.train_seconds,
        more_memory="No container has more",
        more_time="TrainContainerSeconds",
    )
    try:
        report = intake.take(arrival, resources)
    except Exception as error:
        log.failed(arrival, error)
        raise
    log.done(arrival, report, time.monotonic() - started)


def _take_settings(function: Any) -> None:
    """Take over the variables of the training function that this container doesn't have of its own."""
    for name, value in function["Configuration"]["Environment"]["Variables"].items():
        os.environ.setdefault(name, value)


def _credentials() -> "S3Credential":
    """Those of the task's role, wherever the SDK finds them."""
    found: Any = boto3.Session().get_credentials()
    keys = found.get_frozen_credentials()
    return {
        "access_key_id": keys.access_key,
        "secret_access_key": keys.secret_key,
        "token": keys.token,
        "expires_at": None,
    }


def _interrupt(_: int, __: FrameType | None) -> None:
    raise TrainingInterrupted


if __name__ == "__main__":
    main()
