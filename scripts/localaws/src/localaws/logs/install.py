"""Patches moto's CloudWatch Logs."""

from collections.abc import Callable

from moto.core.common_types import TYPE_RESPONSE
from moto.logs import models, urls

from localaws.clock import Clock
from localaws.logs import acceptance, streams
from localaws.logs.api import LogsApi
from localaws.logs.ingestion import Ingestion
from localaws.logs.store import EventStore
from localaws.moto_patches import MotoPatches


def install(
    patches: MotoPatches, clock: Clock, ingestion: Ingestion, settle: Callable[[], None] = lambda: None
) -> None:
    """Replace moto's request handler for CloudWatch Logs; `settle` writes pending logs before each request.

    It must be called before the first request for Logs, at which moto reads its table of URLs.
    """
    patches.replace(
        urls, "url_paths", lambda paths: dict.fromkeys(paths, _api(clock.now, ingestion.events, settle).dispatch)
    )
    patches.replace(models.LogsBackend, "put_log_events", acceptance.checked)
    patches.replace_method(models.LogStream, "put_log_events", ingestion.put)
    streams.install(patches, ingestion.events)


def _api(now: Callable[[], float], store: EventStore, settle: Callable[[], None]) -> type[LogsApi]:
    """The request handler with its clock and events; moto creates an instance per request, so the class needs them."""

    class ClockedLogsApi(LogsApi):
        clock = staticmethod(now)
        events = store

        def call_action(self) -> TYPE_RESPONSE:
            settle()
            return super().call_action()

    return ClockedLogsApi
