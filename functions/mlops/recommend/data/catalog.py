"""The items' catalogue: which items there are, what they are called, and which may be recommended."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlops.artifact.spelling import TRUTH_VALUES
from mlops.contract import Kind
from mlops.data.read import read_dataset
from mlops.data.text import can_be, trimmed_text
from mlops.errors.data import DatasetRejected, rejection
from mlops.errors.violations import Violation
from mlops.recommend.data.columns import Coded, read_ids
from mlops.spec.recommender import Catalog

_TRUTHS = {**TRUTH_VALUES, "yes": True, "no": False}
_IN_WORDS = {"category": "text", "boolean": "true or false"}
_NO_LETTER = re.compile(r"[\W_]+")
_AVAILABLE = "availab"

type Texts = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Items:
    """What is known of each item [I]: its title and category, "" where none is known, and whether it's available.

    `listed` says which items the catalogue has; all are available and listed where there is no catalogue.
    """

    titles: Texts
    categories: Texts
    available: NDArray[np.bool_]
    listed: NDArray[np.bool_]

    @classmethod
    def without_catalog(cls, count: int) -> "Items":
        """All that is known of items without a catalogue."""
        empty = np.full(count, "", dtype=object)
        return cls(empty, empty, np.ones(count, dtype=np.bool_), np.ones(count, dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class CatalogTable:
    """A catalogue: `ids` [C], ascending, each with its title, its category, and whether it's available.

    `sha256` digests what it says, in any spelling or format.
    """

    ids: Texts
    titles: Texts
    categories: Texts
    available: NDArray[np.bool_]

    @property
    def sha256(self) -> str:
        """SHA-256 over the columns, hexadecimal."""
        digest = hashlib.sha256(self.available.tobytes())
        for column in (self.ids, self.titles, self.categories):
            for text in column.tolist():
                encoded = text.encode()
                digest.update(f"{len(encoded)} ".encode() + encoded)
        return digest.hexdigest()

    def look_up(self, ids: Texts) -> Items:
        """What the catalogue says of items [I]; one that it doesn't have isn't available."""
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        listed = self.ids[places] == ids
        return Items(
            titles=np.where(listed, self.titles[places], ""),
            categories=np.where(listed, self.categories[places], ""),
            available=listed & self.available[places],
            listed=listed,
        )


def read_catalog(content: bytes, name: str, columns: Catalog, *, fold_case: bool) -> CatalogTable:
    """A catalogue's bytes → what it says; `name` is its file's name or address.

    Raises DatasetRejected, with the rule "catalog", if it can't be read, is empty, names an item twice or none, or if
    nothing in it is available: nothing could be recommended by it.
    """
    try:
        table = read_dataset(content, name)
    except DatasetRejected as error:
        raise _refuse(name, error.reason) from error
    if columns.item not in table.column_names:
        near = get_close_matches(columns.item, table.column_names, n=1)
        raise _refuse(name, f"it has no column {columns.item!r}{f'; is it {near[0]!r}?' if near else ''}")
    for fault in _check_columns(table, columns):
        raise _refuse(name, fault)
    ids = read_ids(table[columns.item], fold_case=fold_case)
    if violations := list(_check_ids(ids, columns.item)):
        raise DatasetRejected(f"{name} can't be used: {violations[0].message}", violations)
    order = np.argsort(ids.codes, kind="stable")
    available = _read_available(table, columns.available, name)[order]
    if not available.any():
        raise _refuse(name, "none of its items is available, so nothing could be recommended")
    return CatalogTable(
        ids=ids.texts,
        titles=_texts(table, columns.title)[order],
        categories=_texts(table, columns.category)[order],
        available=available,
    )


def _check_columns(table: pa.Table, columns: Catalog) -> Iterator[str]:
    """Columns that can't hold what they have to, or are called otherwise, so that they would be overlooked."""
    kinds: dict[str, Kind] = {"item": "category", "title": "category", "category": "category", "available": "boolean"}
    for role, kind in kinds.items():
        column = getattr(columns, role)
        if column in table.column_names:
            if not can_be(table[column], kind):
                yield f"its column {column!r} must be {_IN_WORDS[kind]}, and the file has it as {table[column].type}"
            continue
        alike = [other for other in table.column_names if _could_be(other, role, column)]
        if alike:
            yield (
                f"it has no column {column!r}, and {alike[0]!r} isn't read; if that's it, rename it, or name it in the "
                f"spec: catalog=Catalog({role}={alike[0]!r})"
            )


def _could_be(name: str, role: str, column: str) -> bool:
    """Whether a column's name is the wanted one in other letters, or some name for what's available.

    Without that column everything would be available.
    """
    given, wanted = (_NO_LETTER.sub("", text.casefold()) for text in (name, column))
    return given == wanted or (role == "available" and _AVAILABLE in given)


def _check_ids(ids: Coded, column: str) -> Iterator[Violation]:
    counts = np.bincount(ids.codes, minlength=len(ids.texts))
    for row in np.flatnonzero(ids.are(ids.texts == "")).tolist():
        yield Violation(rule="catalog", row=row, column=column, message=f"row {row} of the catalogue has no {column}")
    for row in np.flatnonzero(ids.are((counts > 1) & (ids.texts != ""))).tolist():
        value = ids.texts[ids.codes[row]]
        message = f"row {row} of the catalogue names the item {value!r}, as another row does"
        yield Violation(rule="catalog", row=row, column=column, value=value, message=message)


def _read_available(table: pa.Table, column: str, name: str) -> NDArray[np.bool_]:
    """Whether each row's item is available; all are without such a column, and so is an item with an empty cell."""
    if column not in table.column_names:
        return np.ones(table.num_rows, dtype=np.bool_)
    words = pc.utf8_lower(trimmed_text(table[column]))
    unknown = sorted({word for word in pc.unique(words).to_pylist() if word and word not in _TRUTHS})
    if unknown:
        shown = ", ".join(map(repr, unknown[:3]))
        raise _refuse(name, f"{column} must be true or false, and it is {shown}")
    return np.array([_TRUTHS.get(word, True) for word in words.to_pylist()], dtype=np.bool_)


def _texts(table: pa.Table, column: str) -> Texts:
    if column not in table.column_names:
        return np.full(table.num_rows, "", dtype=object)
    return np.array(trimmed_text(table[column]).to_pylist(), dtype=object)


def _refuse(name: str, reason: str) -> DatasetRejected:
    return rejection("catalog", f"the catalogue {name} can't be used: {reason}")
