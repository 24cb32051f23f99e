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
from localaws.firehose.delivery import DeliveryStreams, Report, Write
from localaws.iam.guard import Guard
from localaws.iam.sender import Sender
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


def object_writer(guard: Guard) -> Write:
    """Writes objects to moto's S3, as far as `guard` lets the sender."""

    def write(sender: Sender, bucket: str, key: str, content: bytes) -> str | None:
        if missing := guard.denied(sender, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}"):
            return str(missing)
        backend: Any = s3_backends[ACCOUNT]["aws"]
        try:
            backend.put_object(bucket, key, content)
        except (ServiceException, HTTPException) as error:
            return str(error)
        return None

    return write


def error_log(writer: LogWriter, now: Callable[[], float], region: str, guard: Guard) -> Report:
    """Writes errors to the log group of a stream, if it exists; `now` returns the time of a log event."""

    def report(sender: Sender, group: str, stream: str, message: str) -> None:
        backend: Any = logs_backends[ACCOUNT][region]
        arn = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}:log-stream:{stream}"
        if group in backend.groups and not guard.denied(sender, "logs:PutLogEvents", arn):
            writer.write(group, stream, [LogLine(int(now() * 1000), message)])

    return report


def receive(streams: DeliveryStreams, guard: Guard, sender: Sender, arn: str, record: bytes) -> str | None:
    """Put a record of CloudWatch Logs to the stream of an ARN; returns the reason if that fails, else None."""
    if missing := guard.denied(sender, "firehose:PutRecord", arn):
        return str(missing)
    stream = streams.find(arn.rsplit("/", 1)[-1])
    if stream is None:
        return f"the stream {arn} doesn't exist"
    streams.put(stream, [record])
    return None
