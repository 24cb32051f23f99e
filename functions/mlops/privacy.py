"""The privacy rule: what of a column's values may leave the request, training or dataset that they came in.

"keep": the value itself. "hash": a keyed hash of it, which is the same for equal values and shows nothing
else; without a key a hash could be undone by trying values, so the column is dropped then. "drop": nothing.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from mlops.contract import Column, Contract

_KEY_BYTES = 64  # the longest key that BLAKE2b takes
_DIGEST_BYTES = 16

HIDDEN = "(hidden)"
"""In place of a value that may not be shown, where a reader expects one."""


def is_public(column: Column) -> bool:
    """Whether the column's values may be shown as they are."""
    return column.privacy == "keep"


def public_names(contract: Contract) -> tuple[str, ...]:
    """The columns whose values may be shown as they are, in the contract's order."""
    return tuple(column.name for column in contract.columns if is_public(column))


def hashed_columns(contract: Contract, key: bytes) -> tuple[Column, ...]:
    """The columns that are shown as hashes; none without a key."""
    return tuple(column for column in contract.columns if column.privacy == "hash" and key)


def hash_value(column: Column, value: Any, key: bytes) -> str:
    """A keyed hash that is the same for the same value of the same column, hexadecimal."""
    text = f"{column.name}={value}".encode()
    return blake2b(text, key=key[:_KEY_BYTES], digest_size=_DIGEST_BYTES).hexdigest()


def make_publisher(contract: Contract, key: bytes) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """A function from a row to what may be logged of it."""
    if all(map(is_public, contract.columns)):
        return lambda row: row
    kept, hashed = public_names(contract), hashed_columns(contract, key)
    return lambda row: {
        **{name: row[name] for name in kept if name in row},
        **{
            column.name: hash_value(column, row[column.name], key)
            for column in hashed
            if row.get(column.name) is not None
        },
    }
