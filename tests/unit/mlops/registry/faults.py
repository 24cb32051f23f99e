"""Stores that break down on purpose."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

CALLS = ("put", "get", "head", "delete", "list", "list_with_delimiter")


class Interrupted(BaseException):
    """The process dies: nothing may catch this and carry on."""


class Breaker:
    """Counts the calls that leave the process, and kills it before or after the one it's told to.

    Of calls to object stores, only those to `store` are counted, if one is given.
    """

    def __init__(self, dies_at: int | None = None, after: bool = False, store: object = None) -> None:
        self.calls = 0
        self._store = store
        self._dies_at = dies_at
        self._after = after

    def _wrap(self, function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            elsewhere = arguments and isinstance(arguments[0], MemoryStore) and arguments[0] is not self._store
            if self._store and elsewhere:
                return function(*arguments, **options)
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
