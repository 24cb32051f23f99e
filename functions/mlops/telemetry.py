"""Log lines and metrics: JSON by Powertools, metrics embedded in it (EMF). No tracer: importing it costs 450 ms."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from logging import INFO, StreamHandler
from typing import Any, Literal, TextIO

from aws_lambda_powertools.logging import Logger
from pydantic_core import to_json

type Unit = Literal["Count", "Milliseconds", "Seconds"]

_TRACE = "_X_AMZN_TRACE_ID"


def make_logger(stream: TextIO | None = None) -> Logger:
    """The logger of a function: one JSON object a line, named by POWERTOOLS_SERVICE_NAME, to `stream` or stdout."""
    logger = Logger(
        stream=stream,
        json_serializer=_serialize,
        json_deserializer=_keep,
        use_rfc3339=True,
        utc=True,
        location=None,
        serialize_stacktrace=False,
    )
    if stream is not None:  # Powertools would go on with the stream of the name's first logger
        handler = logger.registered_handler
        assert isinstance(handler, StreamHandler)
        handler.stream = stream
    return logger


def log_records(
    logger: Logger, message: str, common: Mapping[str, Any], write: Callable[[bytes], Iterable[bytes]]
) -> None:
    """Log a line for each record, the same as `logger.info(message, extra=common | record)` in a tenth of its time.

    A batch has ten thousand of them, so what they have in common is written once: `write` takes the start of a line,
    an open JSON object, and returns the lines.
    """
    if logger.log_level > INFO:
        return
    head: dict[str, Any] = {
        "level": "INFO",
        "message": message,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "service": logger.service,
        **common,
    }
    if trace := os.environ.get(_TRACE):
        head["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    handler.flush()
    handler.stream.buffer.writelines(write(write_json(head)[:-1]))
    handler.flush()


def emit_metrics(model: str, metrics: Mapping[str, tuple[float, Unit]], *, by_version: bool = False) -> None:
    """Print one line with the metrics, `{name: (value, unit)}`, in dimensions service and model.

    With `by_version` they're published in dimensions service and function_version too: of the version of the Lambda
    function that runs this, if it runs in one.

    The line is CloudWatch's embedded metric format, the same that Powertools' Metrics writes in ten times the time.
    The namespace is POWERTOOLS_METRICS_NAMESPACE. Nothing is shared between calls, so any thread may call.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION") if by_version else None
    directive = {
        "Namespace": os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or "mlops",
        "Dimensions": [["service", "model"], *([["service", "function_version"]] if version else [])],
        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in metrics.items()],
    }
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "service": os.environ.get("POWERTOOLS_SERVICE_NAME") or "mlops",
        "model": model,
        **({"function_version": version} if version else {}),
        **{name: value for name, (value, _) in metrics.items()},
    }
    sys.stdout.write(to_json(line).decode() + "\n")
    sys.stdout.flush()


def _keep(message: Any) -> Any:
    """Messages are text. Powertools would try each for JSON, and pay for the failure."""
    return message


def _serialize(line: Mapping[str, Any]) -> str:
    # logging notes the name of the asyncio task, "Task-7": no reader can use it.
    return write_json({key: value for key, value in line.items() if key != "taskName"}).decode()


def write_json(line: Mapping[str, Any]) -> bytes:
    """A line's JSON; values that JSON can't hold become text."""
    return to_json(line, fallback=str, inf_nan_mode="constants")
