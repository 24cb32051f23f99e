"""Where a run reads and writes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import obstore

from mlops.registry.store import Store
from mlops.serving.recording import Recording


@dataclass(frozen=True, kw_only=True)
class Places:
    """The buckets of a run: the registry's, that of the answers and of the runs' state, and that of the records.

    `open_bucket` opens the input's. `privacy_key` keys the hashes of private columns, `recording` says what records
    hold of the inputs. `concurrency` chunks are scored at once.
    """

    registry: Store
    answers: Store
    answers_bucket: str
    records: Store
    open_bucket: Callable[[str], Store]
    privacy_key: bytes
    recording: Recording
    concurrency: int
    now: Callable[[], datetime]


def read_json(store: Store, key: str) -> Any:
    """The document at a key; None if there is none."""
    try:
        return json.loads(bytes(obstore.get(store, key).bytes()))
    except FileNotFoundError:
        return None


def write_json(store: Store, key: str, document: Any) -> None:
    """Put a document."""
    obstore.put(store, key, json.dumps(document).encode())
