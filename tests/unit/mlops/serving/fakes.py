"""Stand-ins for what a follower meets: time, a listener, the wire to the store, threads."""

from threading import Event
from typing import Any

import obstore
import pytest
from obstore.exceptions import GenericError


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Recorder:
    """A listener that keeps what happened."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def adopted(self, model: str, version: int, seconds: float, alias: str = "champion") -> None:
        self.events.append(("adopted", version))

    def refused(self, model: str, version: int, reason: str) -> None:
        self.events.append(("refused", version, reason))

    def fell_back(self, model: str, champion: int, version: int | None, reason: str) -> None:
        self.events.append(("fell back", champion, version, reason))

    def unreachable(self, model: str, reason: str) -> None:
        self.events.append(("unreachable", reason))


class Wire:
    """Stands between obstore and the store. It can be cut, which raises `error`, or `slow` until that is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cut = False
        self.error: Exception = GenericError("Generic S3 error: connection refused\n\nDebug source: …")
        self.slow: Event | None = None
        self.gets = self.waiting = 0
        get = obstore.get

        def get_if_whole(*args: Any, **options: Any) -> Any:
            self.gets += 1
            if self.slow is not None:
                self.waiting += 1
                assert self.slow.wait(30)
            if self.cut:
                raise self.error
            return get(*args, **options)

        monkeypatch.setattr(obstore, "get", get_if_whole)


class ThreadAtOnce:
    """A thread that has done its work when start returns."""

    def __init__(self, target: Any, name: str, daemon: bool) -> None:
        self.target = target

    def start(self) -> None:
        self.target()
