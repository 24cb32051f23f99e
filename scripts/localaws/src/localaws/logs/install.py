"""Patches moto's CloudWatch Logs."""

from collections.abc import Callable

from moto.core.common_types import TYPE_RESPONSE
from moto.logs import models, urls

from localaws.clock import Clock
from localaws.logs.api import LogsApi
from localaws.logs.ingestion import Ingestion
from localaws.logs.patterns import compile_pattern
from localaws.moto_patches import MotoPatches


def install(
    patches: MotoPatches, clock: Clock, ingestion: Ingestion, settle: Callable[[], None] = lambda: None
) -> None:
    """Replace moto's request handler for CloudWatch Logs; `settle` writes pending logs before each request.

    It must be called before the first request for Logs, at which moto reads its table of URLs.
    """
    patches.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, _api(clock.now, settle).dispatch))
    patches.replace(models, "EventMessageFilter", lambda _: _PatternFilter)
    patches.replace(models.LogStream, "put_log_events", ingestion.wrap)
    # moto would send all events to a subscription, regardless of its pattern; ingestion does it instead.
    patches.replace(models.LogStream, "_send_log_events", lambda _: lambda *_, **__: None)


def _api(now: Callable[[], float], settle: Callable[[], None]) -> type[LogsApi]:
    """The request handler with its clock; moto creates an instance per request, so the class needs it."""

    class ClockedLogsApi(LogsApi):
        clock = staticmethod(now)

        def call_action(self) -> TYPE_RESPONSE:
            settle()
            return super().call_action()

    return ClockedLogsApi


class _PatternFilter:
    """Replaces moto's pattern matching in live tail and export."""

    def __init__(self, pattern: str | None) -> None:
        self.matches = compile_pattern(pattern or "")
