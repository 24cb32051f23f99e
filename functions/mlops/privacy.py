"""The privacy rule: what of a column's values may leave the request, training or dataset that they came in.

"keep": the value itself. "hash": a keyed hash of it, which is the same for equal values and shows nothing
else; without a key a hash could be undone by trying values, so the column is dropped then. "drop": nothing.

A column that isn't kept is private: besides its values, statistics of them stay where they are. What the contract
itself says is public: names, ranges, and the categories that it lists. So is what a model has learnt: see
`learnt_texts`.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from mlops.contract import Column, Contract
from mlops.errors.serving import InputRejected
from mlops.errors.violations import Violation

_KEY_BYTES = 64  # the longest key that BLAKE2b takes
_DIGEST_BYTES = 16

HIDDEN = "(hidden)"
"""In place of a value that may not be shown, where a reader expects one."""
_UNKNOWN_NAME = "there is a name that the model doesn't have, or that can't stand there"
# Names that protocols give to what isn't a column.
_PROTOCOL_NAMES = ("numbers", "categories", "label", "probabilities", "value", "prediction_id", "truth", "at")


def is_public(column: Column) -> bool:
    """Whether the column's values may be shown as they are."""
    return column.privacy == "keep"


def public_names(contract: Contract) -> tuple[str, ...]:
    """The columns whose values may be shown as they are, in the contract's order."""
    return tuple(column.name for column in contract.columns if is_public(column))


def private_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns whose values may not be shown as they are, in the contract's order."""
    return tuple(column for column in contract.columns if not is_public(column))


def learnt_texts(contract: Contract) -> tuple[str, ...]:
    """The private columns of texts that the contract doesn't list: a model that learns such texts contains them.

    A compiled model compares a request's text with those that it knows, so its file holds them in clear, as do the
    estimator's and the explainer's.
    """
    return tuple(
        column.name for column in private_columns(contract) if column.kind == "category" and not column.categories
    )


def learnt_text_notes(contract: Contract) -> tuple[str, ...]:
    """A sentence for a person about each column of `learnt_texts`."""
    return tuple(
        f"The files of the model contain the texts of {name!r} that it has learnt, although they are private: list "
        "the column's categories in the contract, or take it out of the model's columns."
        for name in learnt_texts(contract)
    )


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


def hide_names[E: InputRejected](error: E, contract: Contract) -> E:
    """The refusal without names that the contract doesn't have, if it has private columns.

    Such a name may be a person's value: that of a CSV without a header, or of a cell that slipped into another place.
    """
    if not private_columns(contract):
        return error
    hidden = dict.fromkeys(_hide_name(violation, contract) for violation in error.violations)
    return type(error)([*hidden], error.total)


def _hide_name(violation: Violation, contract: Contract) -> Violation:
    is_known = violation.column is None or violation.column in (*contract.names, *_PROTOCOL_NAMES)
    if is_known and violation.rule != "unknown":
        return violation
    message = f"{_UNKNOWN_NAME} ({violation.rule}); names are not repeated, since values of the model are private"
    column = violation.column if violation.column in contract.names else None
    return Violation(rule=violation.rule, row=violation.row, column=column, message=message)
