"""Patches moto's Firehose, and connects streams to S3 and to log groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.firehose import urls
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from werkzeug.exceptions import HTTPException

from localaws.firehose.api import FirehoseApi
from localaws.firehose.delivery import DeliveryStreams, Report
from localaws.lambdas.log_writer import LogWriter
from localaws.moto_patches import MotoPatches
from localaws.runtime.output import LogLine
from localaws.settings import ACCOUNT


def install(patches: MotoPatches, streams: DeliveryStreams) -> None:
    """Replace moto's request handler for Firehose, before the first request for it."""

    class StreamsApi(FirehoseApi):
        pass

    StreamsApi.streams = streams
    patches.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, StreamsApi.dispatch))


def write_object(bucket: str, key: str, content: bytes) -> str | None:
    """Write an object to moto's S3; returns the reason if that fails, else None."""
    backend: Any = s3_backends[ACCOUNT]["aws"]
    try:
        backend.put_object(bucket, key, content)
    except (ServiceException, HTTPException) as error:
        return str(error)
    return None


def error_log(writer: LogWriter, now: Callable[[], float], region: str) -> Report:
    """Writes errors to the log group of a stream, if it exists; `now` returns the time of a log event."""

    def report(group: str, stream: str, message: str) -> None:
        backend: Any = logs_backends[ACCOUNT][region]
        if group in backend.groups:
            writer.write(group, stream, [LogLine(int(now() * 1000), message)])

    return report


def receive(streams: DeliveryStreams, arn: str, record: bytes) -> str | None:
    """Put a record of CloudWatch Logs to the stream of an ARN; returns the reason if that fails, else None."""
    stream = streams.find(arn.rsplit("/", 1)[-1])
    if stream is None:
        return f"the stream {arn} doesn't exist"
    streams.put(stream, [record])
    return None
