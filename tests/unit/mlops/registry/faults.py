"""Stores that break down on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import obstore
import pytest

CALLS = ("put", "get", "head", "list", "list_with_delimiter")


class Interrupted(BaseException):
    """The process dies: nothing may catch this and carry on."""


class Breaker:
    """Counts the calls to a store, and kills the process in the call before or after which it's told to."""

    def __init__(self, dies_at: int | None = None, after: bool = False) -> None:
        self.calls = 0
        self._dies_at = dies_at
        self._after = after

    def _wrap(self, function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls == self._dies_at and not self._after:
                raise Interrupted
            this = self.calls
            try:
                return function(*arguments, **options)
            finally:
                if this == self._dies_at:
                    raise Interrupted

        return call

    @contextmanager
    def installed(self) -> Iterator["Breaker"]:
        """Stand between obstore and its callers for a while."""
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(obstore, name, self._wrap(getattr(obstore, name)))
            yield self
