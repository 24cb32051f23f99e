"""The places where moto's CloudWatch Logs are changed."""

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
    """Make moto's CloudWatch Logs answer truly, once `settle` has returned; `patches.restore()` undoes it.

    Call it before moto's server takes its first request for Logs: moto reads its table of URLs then.
    """
    patches.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, _api(clock.now, settle).dispatch))
    patches.replace(models, "EventMessageFilter", lambda _: _PatternFilter)
    patches.replace(models.LogStream, "put_log_events", ingestion.wrap)
    # moto would send everything to a subscription, whatever its pattern says; ingestion does it.
    patches.replace(models.LogStream, "_send_log_events", lambda _: lambda *_, **__: None)


def _api(now: Callable[[], float], settle: Callable[[], None]) -> type[LogsApi]:
    """The request handler with both; moto makes an instance a request, so the class has to know them."""

    class ClockedLogsApi(LogsApi):
        clock = staticmethod(now)

        def call_action(self) -> TYPE_RESPONSE:
            settle()
            return super().call_action()

    return ClockedLogsApi


class _PatternFilter:
    """What moto asks whether a message matches a pattern, in live tail and export."""

    def __init__(self, pattern: str | None) -> None:
        self.matches = compile_pattern(pattern or "")
