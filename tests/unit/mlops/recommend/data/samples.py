"""Datasets of interactions small enough to look through."""

from datetime import UTC, datetime
from typing import Any

from mlops.spec import RecommenderSpec

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HEADER = "user,item,time,event"
START = 1_790_000_000  # seconds since 1970: September 2026


def make_spec(**changes: Any) -> RecommenderSpec:
    """A spec that small datasets are enough for."""
    given: dict[str, Any] = {
        "name": "shop",
        "event": "event",
        "events": {"shown": None, "view": 1.0, "buy": 3.0, "dislike": -1.0},
        "floors": {},
        "k": 2,
        "min_users": 2,
        "min_items": 3,
        "min_rows": 4,
        "max_rejected": 0.5,
    }
    return RecommenderSpec(**(given | changes))


def make_lines(count: int = 12) -> list[str]:
    """Views of 4 items by 3 people, a minute apart."""
    return [f"u{row % 3},i{row % 4},{START + 60 * row},view" for row in range(count)]


def to_csv(lines: list[str], header: str = HEADER) -> bytes:
    """The lines under a header."""
    return "\n".join([header, *lines, ""]).encode()
