"""The two places where moto's CloudWatch Logs are changed."""

import time
from collections.abc import Callable

from moto.logs import models, urls

from localaws.logs.api import LogsApi
from localaws.logs.patterns import compile_pattern
from localaws.seams import Seams


def install(seams: Seams, clock: Callable[[], float] = time.time) -> None:
    """Make moto's CloudWatch Logs answer truly; `clock` gives epoch seconds, `seams.restore()` undoes it.

    Call it before moto's server takes its first request for Logs: moto reads its table of URLs then.
    Importing this module makes the CloudFormation type AWS::Logs::QueryDefinition known to moto.
    """
    seams.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, _api(clock).dispatch))
    seams.replace(models, "EventMessageFilter", lambda _: _PatternFilter)


def _api(now: Callable[[], float]) -> type[LogsApi]:
    """The request handler with that clock; moto makes an instance a request, so the class has to know it."""

    class ClockedLogsApi(LogsApi):
        clock = staticmethod(now)

    return ClockedLogsApi


class _PatternFilter:
    """What moto asks whether a message matches a pattern, in live tail and export."""

    def __init__(self, pattern: str | None) -> None:
        self.matches = compile_pattern(pattern or "")
