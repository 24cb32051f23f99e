"""The names of the models in the registry: what a path may name."""

import time
from collections.abc import Callable

from mlops.contract import MODEL_NAME
from mlops.errors.registry import ModelNotFound
from mlops.registry.store import Store
from mlops.registry.versions import list_models
from mlops.serving.cache import Cached


class ModelNames:
    """The registry is listed at most once in `seconds`, however many requests name models that aren't there."""

    def __init__(self, store: Store, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._names = Cached(lambda: list_models(store), seconds, clock)

    def all(self) -> list[str]:
        """All of them, sorted."""
        return self._names.get()

    def require(self, name: str) -> None:
        """Raise ModelNotFound unless the registry has the model."""
        check_name(name)
        if name not in self.all():
            raise ModelNotFound(name)


def check_name(name: str) -> None:
    """Raise ModelNotFound for what no model can be called, before any store is asked for it.

    In the key of an object it could be another object's.
    """
    if not MODEL_NAME.fullmatch(name):
        raise ModelNotFound(name)
