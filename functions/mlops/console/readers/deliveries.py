"""What became of the datasets that were uploaded for a model: reports and rejected rows, as training wrote them."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import obstore
from pydantic_core import from_json

from mlops.artifact.names import TRAINING_REPORT
from mlops.console.readers.cache import Cache

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

_SECONDS = 15.0
_FOR_EVER = float("inf")
MOST_BYTES = 1_000_000
"""Of a dataset's rejected rows, which may be many."""


@dataclass(frozen=True)
class Delivery:
    """A dataset as it was received: `reason` says in a sentence what became of it.

    `version` is the one that it became, None if it became none; `rejected_rows` were left out of it. `violations` are
    those of a dataset that was rejected as a whole. `has_rows` says whether rows are listed with what is wrong in them.
    """

    file: str
    outcome: str
    reason: str
    checked_at: datetime | None
    version: int | None = None
    rejected_rows: int = 0
    violations: int = 0
    has_rows: bool = False


class Broken(NamedTuple):
    """A broken rule of a row, counted from 0; what isn't known, or is private, is None."""

    row: int | None
    column: str | None
    value: str | None
    rule: str
    message: str


@dataclass(frozen=True)
class RejectedRows:
    """The first rules that rows of a dataset broke; `is_all` says whether there are no more of them."""

    rows: tuple[Broken, ...]
    is_all: bool

    def counts(self) -> list[tuple[str, str | None, int]]:
        """How often each rule was broken in each column, the most frequent first."""
        found = Counter((each.rule, each.column) for each in self.rows)
        return [(rule, column, count) for (rule, column), count in found.most_common()]


class Deliveries:
    """Reads the data bucket's reports, many at a time by `pool`; datasets themselves are never read."""

    def __init__(self, store: "ObjectStore", cache: Cache, pool: Executor) -> None:
        self._store, self._cache, self._pool = store, cache, pool

    def latest(self, model: str, most: int) -> tuple[list[Delivery], int]:
        """The datasets that were received last, the latest first, and how many there are."""
        reports = self._cache.get(("reports", model), _SECONDS, lambda: self._list(model))
        return list(self._pool.map(self._read, reports[:most])), len(reports)

    def rejected_rows(self, model: str, file: str) -> RejectedRows | None:
        """The rows of a dataset that broke a rule; None if none are listed."""
        key = f"rejected/{model}/{file}.jsonl"
        try:
            size = obstore.head(self._store, key)["size"]
            content = bytes(obstore.get_range(self._store, key, start=0, end=min(size, MOST_BYTES))) if size else b""
        except FileNotFoundError:
            return None
        lines = content.split(b"\n")[:-1]  # a last one without its end was cut
        return RejectedRows(tuple(_read_line(from_json(line)) for line in lines), size <= MOST_BYTES)

    def _list(self, model: str) -> "list[ObjectMeta]":
        found = [
            each
            for some in obstore.list(self._store, prefix=f"datasets/{model}/")
            for each in some
            if each["path"].endswith(TRAINING_REPORT)
        ]
        return sorted(found, key=lambda each: each["last_modified"], reverse=True)

    def _read(self, report: "ObjectMeta") -> Delivery:
        path = report["path"]
        file = path.rpartition("/")[2].removesuffix(TRAINING_REPORT)

        def read() -> Delivery:
            try:
                return _read_report(file, from_json(bytes(obstore.get(self._store, path).bytes())))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return Delivery(file, "unreadable", f"its report can't be read: {error}", report["last_modified"])

        return self._cache.get(("report", path, report["e_tag"]), _FOR_EVER, read)


def _read_report(file: str, document: Mapping[str, Any]) -> Delivery:
    return Delivery(
        file=file,
        outcome=document["outcome"],
        reason=document["reason"],
        checked_at=datetime.fromisoformat(document["checked_at"]),
        version=document.get("version"),
        rejected_rows=document.get("rejected_rows", 0),
        violations=document.get("violation_count", 0),
        has_rows="rejected" in document,
    )


def _read_line(document: Mapping[str, Any]) -> Broken:
    row, column, value = (document.get(name) for name in ("row", "column", "value"))
    return Broken(row, column, value, document["rule"], document["message"])
