"""Monitoring's figures as MLflow has them: metrics of the version's run, a step a day."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from itertools import batched
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

EPOCH = date(1970, 1, 1)
PREFIX = "window_"
MAX_METRICS = 1_000  # that MLflow takes in one call


def record_figures(client: "MlflowClient", run_id: str, day: date, at: datetime, figures: Mapping[str, float]) -> None:
    """The finite ones of a day's figures, whose step is the day's number since 1970-01-01.

    `at` is when they were known: truth comes later than the day, and what it changes is a later value at the same step.
    MLflow's stores keep a value of the same metric, step and time once, so repeating changes nothing.
    """
    from mlflow.entities import Metric

    step, timestamp = (day - EPOCH).days, int(at.timestamp() * 1000)
    metrics = [
        Metric(f"{PREFIX}{name}", value, timestamp, step) for name, value in figures.items() if math.isfinite(value)
    ]
    for some in batched(metrics, MAX_METRICS, strict=False):
        client.log_batch(run_id, metrics=some)
