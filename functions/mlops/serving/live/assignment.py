"""Who is answered by a canary: always the same people, whichever instance or protocol they ask.

A hash of whom a request is about, with the version that is tried, is a number from 0 up to 1; below the share the
canary answers. So a person gets one version, a larger share has those of a smaller one, and each canary has others.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from pydantic_core import to_json

from mlops.registry.manifest.manifest import Manifest

ENTITY_HEADER = "x-entity-id"
"""The header by which a client says whom a request is about."""


def find_entity(named: str | None, rows: Sequence[Mapping[str, Any]], champion: Manifest) -> bytes:
    """Whom a request is about: what the client named, else the first row's key, else all its cells.

    One version answers all rows of a request, so the first decides. The key needs all of its columns in the contract.
    """
    if named:
        return named.encode()
    names = champion.contract.names
    key = champion.key if champion.key and set(champion.key) <= set(names) else names
    row = rows[0]
    cells = [row.get(name) for name in key]
    # Protocols read a number as whole or not, and a missing one as NaN or nothing: it's the same cell.
    whole = [float(cell) if type(cell) is int else cell for cell in cells]
    return to_json(whole, fallback=str, inf_nan_mode="null")


def draw_position(entity: bytes, model: str, version: int) -> float:
    """A number from 0 up to 1, the same for the same entity as long as the same version is tried."""
    digest = blake2b(entity, digest_size=8, person=blake2b(f"{model}/{version}".encode(), digest_size=16).digest())
    return int.from_bytes(digest.digest()) / 2**64
