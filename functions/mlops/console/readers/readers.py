"""All readers together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mlops.console.readers.answers import AnswerReader
from mlops.console.readers.changes import ChangesReader
from mlops.console.readers.deliveries import Deliveries
from mlops.console.readers.logs import LogReader
from mlops.console.readers.monitoring import Monitoring
from mlops.console.readers.operations import Operations
from mlops.console.readers.predictions import Predictions
from mlops.console.readers.recommendations import RecommendationReader
from mlops.console.readers.registry import Registry
from mlops.console.readers.reports import Reports
from mlops.console.readers.schedules import ScheduleReader
from mlops.console.readers.traffic import TrafficReader


@dataclass(frozen=True)
class Readers:
    """What pages are made of; `now` is the time that they're of."""

    registry: Registry
    monitoring: Monitoring
    reports: Reports
    changes: ChangesReader
    traffic: TrafficReader
    deliveries: Deliveries
    operations: Operations
    predictions: Predictions
    answers: AnswerReader
    recommendations: RecommendationReader
    schedules: ScheduleReader
    logs: LogReader
    now: Callable[[], datetime]
