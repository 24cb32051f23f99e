"""Requests that were refused, by rule, and those that failed: log lines of their own, of a model and day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from mlops.errors.records import ObjectDamaged
from mlops.records.layout import Kind
from mlops.records.objects import fetch_objects, list_objects, unzip_lines
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

REJECTION: Kind = "rejection"
FAILURE: Kind = "failure"
REFUSAL: Kind = "refusal"


@dataclass
class Requests:
    """`refused` requests by rule, each of which counts once for each rule that it broke; `failed` had a 5xx."""

    refused: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    unreadable: int = 0
    damaged: list[str] = field(default_factory=list)


def count_requests(store: "ObjectStore", model: str, window: Window) -> Requests:
    """Count the requests of the window that got no answer."""
    found = Requests()
    for line in read_lines(store, REJECTION, model, window, found):
        violations = line.get("violations") or ()
        rules = {str(each.get("rule")) for each in violations if isinstance(each, dict)}
        found.refused.update(rules or {str(line.get("reason"))})
    for _ in read_lines(store, FAILURE, model, window, found):
        found.failed += 1
    return found


def read_lines(
    store: "ObjectStore", kind: Kind, model: str, window: Window, found: Requests
) -> Iterator[dict[str, Any]]:
    """The window's lines, as often as they were delivered."""
    for fetched in fetch_objects(store, list_objects(store, kind, model, window.days)):
        try:
            for block in unzip_lines(fetched.content or b""):
                for line in block.splitlines():
                    parsed = _parse(line)
                    if parsed is None:
                        found.unreadable += bool(line.strip())
                    elif parsed[0] in window:
                        yield parsed[1]
        except ObjectDamaged:
            found.damaged.append(fetched.key)


def _parse(line: bytes) -> tuple[datetime, dict[str, Any]] | None:
    """A line with its time; None if it's no record."""
    try:
        record = from_json(line)
        return datetime.fromisoformat(record["timestamp"]), record
    except (ValueError, TypeError, KeyError):
        return None
