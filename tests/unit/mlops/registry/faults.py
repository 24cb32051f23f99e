"""Stores that break down on purpose."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import obstore
import pytest

CALLS = ("put", "get", "head", "list", "list_with_delimiter")


class Interrupted(BaseException):
    """The process dies: nothing may catch this and carry on."""


class Breaker:
    """Counts the calls that leave the process, and kills it before or after the one it's told to."""

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
    def installed(self, *others: tuple[object, Sequence[str]]) -> Iterator["Breaker"]:
        """Stand between obstore and its callers for a while; `others` are objects with the methods to guard as well."""
        with pytest.MonkeyPatch.context() as patch:
            for target, names in ((obstore, CALLS), *others):
                for name in names:
                    patch.setattr(target, name, self._wrap(getattr(target, name)))
            yield self
