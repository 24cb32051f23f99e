"""What Lambda authorizers of REST and HTTP APIs share: their answers are cached, and their context is passed on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

# The cache looks for answers whose time is up when it has this many, or twice those that it kept last.
_SWEPT = 1000


class AnswerCache[T]:
    """Answers by what identified the caller, each until its time is up on local AWS's clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._answers: dict[tuple[Hashable, ...], tuple[float, T]] = {}
        self._most = _SWEPT

    def get(self, key: tuple[Hashable, ...]) -> T | None:
        """The answer for a key that hasn't expired, or None."""
        with self._lock:
            expires, answer = self._answers.get(key, (0.0, None))
            if answer is not None and expires <= self._now():
                del self._answers[key]
                return None
            return answer

    def put(self, key: tuple[Hashable, ...], answer: T, seconds: float) -> None:
        """Keep an answer for some seconds."""
        if seconds > 0:
            with self._lock:
                if len(self._answers) >= self._most:
                    self._sweep()
                self._answers[key] = (self._now() + seconds, answer)

    def _sweep(self) -> None:
        """Forget the answers whose time is up, also of callers who never come again."""
        now = self._now()
        self._answers = {key: item for key, item in self._answers.items() if item[0] > now}
        self._most = max(_SWEPT, 2 * len(self._answers))

    def forget(self, *start: Hashable) -> None:
        """Forget the answers whose keys begin with `start`."""
        with self._lock:
            self._answers = {key: item for key, item in self._answers.items() if key[: len(start)] != start}


def identity(values: Iterable[str | None]) -> tuple[str, ...] | None:
    """The values of the identity sources; None if one is missing or empty, so that the function isn't called."""
    given = tuple(values)
    return None if any(not value for value in given) else tuple(value for value in given if value)


def context_problem(context: Any) -> str | None:
    """What's wrong with the `context` that an authorizer returned, or None: its values may not be lists or maps."""
    if not isinstance(context, Mapping):
        return "the context isn't a map"
    nested = [str(name) for name, value in context.items() if isinstance(value, dict | list)]
    return f"the values of {', '.join(nested)} in the context aren't strings, numbers or booleans" if nested else None
