"""The console put together from its environment."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI

from mlops.authorization.bootstrap import make_verifier
from mlops.authorization.settings import AuthorizationSettings
from mlops.console.app import create_app
from mlops.console.log import logger
from mlops.console.readers.answers import AnswerReader
from mlops.console.readers.cache import Cache
from mlops.console.readers.changes import ChangesReader
from mlops.console.readers.deliveries import Deliveries
from mlops.console.readers.logs import LogReader
from mlops.console.readers.monitoring import Monitoring
from mlops.console.readers.operations import open_operations
from mlops.console.readers.predictions import Predictions
from mlops.console.readers.readers import Readers
from mlops.console.readers.recommendations import RecommendationReader
from mlops.console.readers.registry import Registry
from mlops.console.readers.reports import Reports
from mlops.console.readers.schedules import ScheduleReader
from mlops.console.readers.traffic import TrafficReader
from mlops.console.session.gate import Gate
from mlops.console.session.tables import Keys, Sessions
from mlops.console.settings import ConsoleSettings
from mlops.operations.schedules import DEFAULT_GROUP, Schedules
from mlops.records.lookup import ApiLog
from mlops.registry.store import open_store
from mlops.settings import read_settings

_READERS = 16
"""Objects that are read at a time."""
_MOST_VALUES = 20_000


def open_console(environ: Mapping[str, str], make_client: Callable[..., Any]) -> FastAPI:
    """The application; `make_client` is boto3's. Raises SettingInvalid."""
    settings = read_settings(ConsoleSettings, environ)
    cache, pool = Cache(_MOST_VALUES), ThreadPoolExecutor(_READERS, "reader")
    registry = Registry(open_store(f"s3://{settings.models_bucket}", environ), cache, pool)
    records, logs = open_store(f"s3://{settings.records_bucket}", environ), make_client("logs")
    monitoring = Monitoring(records, cache, pool)
    namespace = settings.powertools_metrics_namespace
    functions, scheduler = make_client("lambda"), make_client("scheduler")
    answers = AnswerReader(functions, settings.try_function, logger.warning)
    readers = Readers(
        registry=registry,
        monitoring=monitoring,
        reports=Reports(registry, monitoring, cache),
        changes=ChangesReader(records, functions, settings.compare_function, cache, _now, logger.warning),
        traffic=TrafficReader(make_client("cloudwatch"), namespace, cache, logger.warning),
        deliveries=Deliveries(open_store(f"s3://{settings.data_bucket}", environ), cache, pool),
        predictions=Predictions(records, ApiLog(logs, settings.api_log_group), cache, logger.warning),
        answers=answers,
        recommendations=RecommendationReader(answers, cache),
        schedules=ScheduleReader(
            batches=Schedules(scheduler, settings.batch_schedules),
            others=Schedules(scheduler, DEFAULT_GROUP),
            monitor=settings.monitor_schedule,
            cache=cache,
            pool=pool,
            now=_now,
            warn=logger.warning,
        ),
        logs=LogReader(logs, namespace, cache, logger.warning),
        operations=open_operations(settings, environ, make_client, cache, pool, _now),
        now=_now,
    )
    dynamodb = make_client("dynamodb")
    sessions, keys = Sessions(dynamodb, settings.sessions_table), Keys(dynamodb, settings.keys_table, time.time)
    verify = make_verifier(AuthorizationSettings.read(environ), logger.warning)
    return create_app(readers, Gate(sessions, keys, time.time, verify))


def _now() -> datetime:
    return datetime.now(UTC)
