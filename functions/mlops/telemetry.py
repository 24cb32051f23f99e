"""Log lines and metrics: JSON by Powertools, metrics embedded in it (EMF). No tracer: importing it costs 450 ms."""

import os
from collections.abc import Mapping
from typing import Any, Literal, TextIO

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics
from pydantic_core import to_json

type Unit = Literal["Count", "Milliseconds", "Seconds"]

# The key under which one log call carries many records; each becomes a line of its own.
RECORDS = "records"


def make_logger(stream: TextIO | None = None) -> Logger:
    """The logger of a function: one JSON object a line, named by POWERTOOLS_SERVICE_NAME, to `stream` or stdout."""
    return Logger(stream=stream, json_serializer=_serialize, use_rfc3339=True, utc=True, location=None)


def emit_metrics(model: str, metrics: Mapping[str, tuple[float, Unit]]) -> None:
    """Print one EMF line with the metrics, `{name: (value, unit)}`, in dimensions service and model.

    The namespace is POWERTOOLS_METRICS_NAMESPACE. Nothing is shared between calls, so any thread may call.
    """
    line = EphemeralMetrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or "mlops")
    line.add_dimension(name="model", value=model)
    for name, (value, unit) in metrics.items():
        line.add_metric(name=name, unit=unit, value=value)
    line.flush_metrics()


def _serialize(line: Mapping[str, Any]) -> str:
    """One JSON line, or one for each of its records: formatting a line is dear, and a batch has ten thousand."""
    # logging notes the name of the asyncio task, "Task-7": no reader can use it.
    common = {key: value for key, value in line.items() if key not in (RECORDS, "taskName")}
    records = line.get(RECORDS)
    if records is None:
        return to_json(common, fallback=str, inf_nan_mode="constants").decode()
    return b"\n".join(to_json(common | record, fallback=str, inf_nan_mode="constants") for record in records).decode()
