"""The champion's files, fetched while the modules that will use them are still being imported.

The client is one of its own and gone when they are fetched. So no connection and no credentials of the start are left
in a process that is frozen then, as SnapStart does it, and restored hours later somewhere else.
"""

import json
from collections.abc import Mapping
from threading import Thread
from typing import Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import MemoryStore

from mlops.artifact.names import GOLDEN, MANIFEST, MODEL
from mlops.registry.store import Store, open_store
from mlops.serving.credentials import find_credentials

# What a start reads of a version, in this order.
FILES = (MANIFEST, MODEL, GOLDEN)


class Prefetch:
    """Copies what a start reads of one model's champion into memory, in a thread of its own.

    It checks nothing: what is missing or damaged is missing or damaged in the copy, and a store that fails leaves it
    incomplete. Then the follower reads the registry itself, and reports what is wrong.
    """

    def __init__(self, address: str, model: str, environ: Mapping[str, str]) -> None:
        self._address = address
        self._model = model
        self._environ = environ
        self._copy = MemoryStore()
        self._thread = Thread(target=self._fetch, name="prefetch", daemon=True)
        self._thread.start()

    @classmethod
    def start(cls, environ: Mapping[str, str]) -> Self | None:
        """Fetch the champion of DEFAULT_MODEL from MODELS_BUCKET, if the environment names them."""
        bucket, model = environ.get("MODELS_BUCKET"), environ.get("DEFAULT_MODEL")
        return cls(f"s3://{bucket}", model, environ) if bucket and model else None

    def copy(self, patience: float) -> Store | None:
        """The copy as far as it could be made, or None if it isn't ready after `patience` seconds."""
        self._thread.join(patience)
        return None if self._thread.is_alive() else self._copy

    def _fetch(self) -> None:
        try:
            store = open_store(self._address, self._environ, find_credentials(self._environ))
            alias = self._take(store, f"{self._model}/aliases/champion.json")
            version = int(json.loads(alias)["version"])
            for name in FILES:
                self._take(store, f"{self._model}/versions/{version}/{name}")
        except (BaseError, OSError, ValueError, KeyError, TypeError):
            return  # the copy is incomplete: the poll that follows reports why

    def _take(self, store: Store, path: str) -> bytes:
        content = bytes(obstore.get(store, path).bytes())
        obstore.put(self._copy, path, content)
        return content
