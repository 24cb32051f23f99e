"""The table of recent events: what is written is read by everybody, and nothing of it lasts too long."""

from typing import Any

import pytest

from mlops.errors.authorization import TableUnavailable
from mlops.serving.recommend.recent import MAX_READ, RecentEvents, UserEvent
from tests.unit.mlops.serving.recommend.shop import Table

ANN, BOB = b"a" * 16, b"b" * 16
NOW = 1_700_000_000.0
DAY = 86_400_000


def at(days_ago: float, item: str = "i1", **more: Any) -> UserEvent:
    time = int(NOW * 1000 - days_ago * DAY)
    return UserEvent(more.get("id", f"{item}-{days_ago}"), item, "view", time, more.get("rating"))


def open_table(table: Any, now: float = NOW, waited: list[float] | None = None) -> RecentEvents:
    sleep = (lambda seconds: None) if waited is None else waited.append
    return RecentEvents("histories", table, days=30, clock=lambda: now, sleep=sleep)


def test_events_are_read_as_they_were_written_the_latest_first() -> None:
    recent = open_table(Table())
    given = [at(3), at(1, "i2", rating=4.5), at(2, "ü")]
    recent.write("shop", [(ANN, each) for each in given])
    assert recent.read("shop", ANN) == [given[1], given[2], given[0]]


def test_users_and_models_have_their_own() -> None:
    recent = open_table(Table())
    recent.write("shop", [(ANN, at(1)), (BOB, at(2))])
    assert recent.read("shop", BOB) == [at(2)]
    assert recent.read("other", ANN) == []


def test_what_is_too_old_is_neither_written_nor_read() -> None:
    table = Table()
    open_table(table).write("shop", [(ANN, at(31)), (ANN, at(29))])
    assert sum(map(len, table.items.values())) == 1
    assert open_table(table, NOW + 0.9 * 86_400).read("shop", ANN) == [at(29)]
    assert open_table(table, NOW + 1.1 * 86_400).read("shop", ANN) == [], "DynamoDB may not have deleted it yet"


def test_of_very_many_events_the_latest_are_read() -> None:
    recent = open_table(Table())
    recent.write("shop", [(ANN, at(1 + place / 1_000, f"i{place}")) for place in range(MAX_READ + 100)])
    found = recent.read("shop", ANN)
    assert [event.item for event in found] == [f"i{place}" for place in range(MAX_READ)]


def test_what_the_table_leaves_over_is_written_again() -> None:
    class Busy(Table):
        """Takes one item of each call."""

        def call(self, operation: str, body: Any, patience: float) -> dict[str, Any]:
            if operation == "Query":
                return super().call(operation, body, patience)
            ((name, (first, *rest)),) = body["RequestItems"].items()
            super().call(operation, {"RequestItems": {name: [first]}}, patience)
            return {"UnprocessedItems": {name: rest} if rest else {}}

    waited: list[float] = []
    recent = open_table(Busy(), waited=waited)
    given = [at(1 + place / 100, f"i{place}") for place in range(4)]
    recent.write("shop", [(ANN, each) for each in given])
    assert recent.read("shop", ANN) == given
    assert waited == [0.02, 0.04, 0.08]


def test_a_table_that_never_takes_an_item_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(Table):
        def call(self, operation: str, body: Any, patience: float) -> dict[str, Any]:
            return {"UnprocessedItems": body["RequestItems"]}

    monkeypatch.setattr("mlops.serving.recommend.recent.WRITE_SECONDS", 0.01)
    with pytest.raises(TableUnavailable, match="1 events weren't taken in time"):
        open_table(Full()).write("shop", [(ANN, at(1))])
