"""Lambda entry point of monitoring: takes the time of a schedule, looks at all windows that are due by then."""

import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from mlops.monitoring.bootstrap import make_monitoring
from mlops.monitoring.log import MonitoringLog
from mlops.privacy_key import with_privacy_key
from mlops.settings import MonitorSettings, read_settings
from mlops.telemetry import make_logger

settings = read_settings(MonitorSettings, with_privacy_key(os.environ))
make_run = make_monitoring(settings, boto3.client, MonitoringLog(make_logger()))


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Monitor as of `time` in the event, or now; of all models, or those in `models`. Returns what was done to each."""
    run = make_run(context.aws_request_id, lambda: context.get_remaining_time_in_millis() / 1000)
    return {"models": [asdict(progress) for progress in run.run(_read_time(event), event.get("models"))]}


def _read_time(event: dict[str, Any]) -> datetime:
    """The schedule's time: a run that is late, or repeated, is still the run of its hour."""
    given = event.get("time")
    if given is None:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(given)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
