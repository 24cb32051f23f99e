"""Which items were recommended on a day, and which of them weren't in the days before."""

import gzip
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from duckdb import DuckDBPyConnection
from pydantic_core import from_json, to_json

from mlops.monitoring.layout import items_key
from mlops.monitoring.recommender_facts import CatalogFacts
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

LOOKED_BACK = 28
"""Days before in which an item may have been recommended already."""
_MOST_OFTEN = 10


class RecommendedItems:
    """The items that were recommended, by day, in the records bucket."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    def look(self, connection: DuckDBPyConnection, model: str, day: Window, available: int) -> CatalogFacts | None:
        """The facts of a day's table `answers`, and note its items; None if nothing was recommended."""
        rows = connection.execute(
            "SELECT item, count(*) FROM (SELECT unnest(items) AS item FROM answers) GROUP BY item ORDER BY 2 DESC, 1"
        ).fetchall()
        if not rows:
            return None
        items = sorted(row[0] for row in rows)
        earlier = [found for each in _days_before(day) if (found := self._read(model, each.id)) is not None]
        known = {item for found in earlier for item in found}
        obstore.put(self._store, items_key(model, day.id), gzip.compress(to_json(items), mtime=0))
        return CatalogFacts(
            recommended=len(items),
            available=available,
            top_ten=sum(row[1] for row in rows[:_MOST_OFTEN]) / sum(row[1] for row in rows),
            new=sum(item not in known for item in items) if earlier else None,
        )

    def _read(self, model: str, window: str) -> Sequence[str] | None:
        try:
            found = obstore.get(self._store, items_key(model, window))
        except FileNotFoundError:
            return None
        items: list[str] = from_json(gzip.decompress(bytes(found.bytes())))
        return items


def _days_before(day: Window) -> list[Window]:
    first = day.start.date()
    return [Window.of_day(first - timedelta(days=number)) for number in range(1, LOOKED_BACK + 1)]
