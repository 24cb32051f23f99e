"""The champion's files, fetched while the modules that will use them are still being imported.

Making a client reads the system's certificates, which takes 3 ms: a process that starts to answer goes on with this
one. Before a snapshot it's gone when they are fetched, so no connection and no credentials of the start are left in a
process that is restored hours later somewhere else.
"""

import json
from collections.abc import Mapping
from threading import Thread
from typing import Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import MemoryStore

from mlops.artifact.names import GOLDEN, ITEMS, MANIFEST, MODEL
from mlops.registry.store import Store, open_store
from mlops.serving.credentials import find_credentials

# What a start reads of a version, in this order; of a recommender's its ITEMS too.
FILES = (MANIFEST, MODEL, GOLDEN)

# Lambda's variable, and its value where the process answers requests after its start, without a snapshot between.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_INITIALIZATION, _ON_DEMAND = "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"


class Prefetch:
    """Copies what a start reads of one model's champion into memory, in a thread of its own.

    It checks nothing: what is missing or damaged is missing or damaged in the copy, and a store that fails leaves it
    incomplete. Then the follower reads the registry itself, and reports what is wrong. `client` is the registry's where
    the process may go on with it.
    """

    def __init__(self, address: str, model: str, environ: Mapping[str, str]) -> None:
        store = open_store(address, environ, find_credentials(environ))
        self.client = store if environ.get(_INITIALIZATION) == _ON_DEMAND else None
        self._model = model
        self._copy = MemoryStore()
        self._thread = Thread(target=self._fetch, args=(store,), name="prefetch", daemon=True)
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

    def _fetch(self, store: Store) -> None:
        try:
            alias = self._take(store, f"{self._model}/aliases/champion.json")
            version = int(json.loads(alias)["version"])
            folder = f"{self._model}/versions/{version}"
            taken = {name: self._take(store, f"{folder}/{name}") for name in FILES}
            # Parsing the manifest would keep the interpreter from the imports that go on at the same time.
            if f'"{ITEMS}"'.encode() in taken[MANIFEST]:
                self._take(store, f"{folder}/{ITEMS}")
        except (BaseError, OSError, ValueError, KeyError, TypeError):
            return  # the copy is incomplete: the poll that follows reports why

    def _take(self, store: Store, path: str) -> bytes:
        content = bytes(obstore.get(store, path).bytes())
        obstore.put(self._copy, path, content)
        return content
