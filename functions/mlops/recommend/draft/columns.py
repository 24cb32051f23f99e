"""Which column of a dataset has users, which items, times, events and ratings: by name, or by look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlops.data.text import can_be
from mlops.errors.data import rejection
from mlops.interactions import EVENT_NAME
from mlops.recommend.data.columns import ABSENT, UNREADABLE, Coded, read_events, read_ids, read_numbers, read_times

# What columns are called, the likeliest first.
NAMES = {
    "user": ("user", "customer", "visitor", "client", "account", "member", "person", "shopper", "buyer", "session"),
    "item": ("item", "product", "article", "movie", "film", "book", "isbn", "sku", "track", "song", "game", "content"),
    "time": ("time", "timestamp", "datetime", "date", "at", "ts", "when", "created", "occurred"),
    "event": ("event", "action", "behavior", "behaviour", "interaction", "activity", "type"),
    "rating": ("rating", "stars", "score", "grade"),
}
MOST_EVENTS = 20
MOST_RATINGS = 20
MOSTLY = 0.95
_EARLIEST, _LATEST = 631_152_000_000, 4_102_444_800_000  # ms: the years 1990 and 2100


@dataclass(frozen=True)
class Roles:
    """The columns by what they are; `guessed` are those whose name says nothing of it."""

    user: str
    item: str
    time: str | None
    event: str | None
    rating: str | None
    guessed: tuple[str, ...]


def find_roles(table: pa.Table) -> Roles:
    """What each column is. Raises DatasetRejected if there are no two columns that could be users and items."""
    left = list(table.column_names)
    found: dict[str, str | None] = {}
    for role in ("time", "event", "rating", "user", "item"):
        named = next((name for name in _named(left, role) if _LOOKS[role](table[name])), None)
        found[role] = named
        left = [name for name in left if name != named]
    guessed = []
    # Of a column with another name: few texts or numbers may be anything, and only a time is one by its look.
    if found["time"] is None and (time := next((name for name in left if _looks_like_times(table[name])), None)):
        found["time"] = time
        guessed.append(time)
        left.remove(time)
    ids = sorted((name for name in left if _looks_like_ids(table[name])), key=lambda name: -_count(table[name]))
    for role in ("user", "item"):
        if found[role] is None and ids:
            found[role] = ids.pop(0)
            guessed.append(str(found[role]))
    user, item = found["user"], found["item"]
    if user is None or item is None:
        raise rejection("columns", f"no two columns look like users and items; there are {', '.join(left)}")
    return Roles(user, item, found["time"], found["event"], found["rating"], tuple(guessed))


def _named(names: Sequence[str], role: str) -> Iterator[str]:
    """The columns whose name is that of a role, the likeliest first: user, User ID, user_id, userId, customer…"""
    plain = {name: "".join(each for each in name.lower() if each.isalnum()) for name in names}
    for word in NAMES[role]:
        for name, text in plain.items():
            if text in (word, f"{word}id", f"{word}s", f"{word}name", f"{word}type", f"{word}time", f"event{word}"):
                yield name


def _looks_like_times(cells: pa.ChunkedArray) -> bool:
    if not (can_be(cells, "datetime") or can_be(cells, "number")):
        return False
    times = read_times(cells)
    known = times[(times != ABSENT) & (times != UNREADABLE)]
    return len(known) > MOSTLY * len(times) and bool(((known >= _EARLIEST) & (known <= _LATEST)).mean() > MOSTLY)


def _looks_like_events(cells: pa.ChunkedArray) -> bool:
    names = _texts(read_events(cells))
    return 0 < len(names) <= MOST_EVENTS and all(EVENT_NAME.fullmatch(name) for name in names)


def _looks_like_ratings(cells: pa.ChunkedArray) -> bool:
    if not can_be(cells, "number"):
        return False
    numbers, missing, unreadable = read_numbers(cells)
    known = numbers[~missing & ~unreadable]
    return len(known) > 0 and not unreadable.any() and 2 <= len(np.unique(known)) <= MOST_RATINGS


def _looks_like_ids(cells: pa.ChunkedArray) -> bool:
    return can_be(cells, "category") and _count(cells) > 1


def _count(cells: pa.ChunkedArray) -> int:
    return len(_texts(read_ids(cells, fold_case=False)))


def _texts(coded: Coded) -> list[str]:
    return [text for text in coded.texts.tolist() if text]


_LOOKS = {
    "user": _looks_like_ids,
    "item": _looks_like_ids,
    "time": _looks_like_times,
    "event": _looks_like_events,
    "rating": _looks_like_ratings,
}
