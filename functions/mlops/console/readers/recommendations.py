"""Recommendations of the serving code, asked for by people who look at a recommender: nothing of them is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops.console.readers.answers import NO_EXPLANATION, OK, UNPROCESSABLE, AnswerReader
from mlops.console.readers.cache import Cache

MOST_ITEMS = 50
"""As many as the serving code explains at once."""
_SECONDS = 60.0


@dataclass(frozen=True)
class Reason:
    """What a user did with an item, and how much that speaks for a recommendation. `event` is None if not known."""

    item: str
    title: str | None
    event: str | None
    contribution: float


@dataclass(frozen=True)
class RecommendedItem:
    """An item with its score, which is the sum of all reasons and `others`; trending items have neither."""

    item: str
    title: str | None
    score: float | None
    reasons: tuple[Reason, ...]
    others: float


@dataclass(frozen=True)
class UserEvent:
    """What a user did with an item of late, and when; `known` says whether the version knows the item."""

    item: str
    title: str | None
    event: str
    time: datetime
    rating: float | None
    known: bool


@dataclass(frozen=True)
class RecommendationAnswer:
    """What is recommended to a user. `basis` is "history", or "trending" where nothing is known of the user.

    `sources` count what the history is from; `unavailable` are those that couldn't be read; `unknown_items` events with
    items that the version doesn't know. `events` are the user's recent ones, the latest first, of which there are
    `more_events`; `events_hidden` says why none is shown. `unexplained` says why there are no reasons; `problem` is the
    serving code's problem document where it refused the request.
    """

    version: int | None = None
    basis: str = ""
    history: int = 0
    sources: Mapping[str, int] | None = None
    unavailable: Sequence[str] = ()
    unknown_items: int = 0
    events: tuple[UserEvent, ...] = ()
    more_events: int = 0
    events_hidden: str | None = None
    items: tuple[RecommendedItem, ...] = ()
    unexplained: str | None = None
    problem: Mapping[str, Any] | None = None


class RecommendationReader:
    """Asks the function that answers those who try models."""

    def __init__(self, answers: AnswerReader, cache: Cache) -> None:
        self._answers, self._cache = answers, cache

    def ask(self, model: str, version: int, user: str, count: int) -> RecommendationAnswer:
        """What a version recommends to a user, explained if it can be. Raises ServingUnavailable."""
        return self._ask(model, version, {"user": user, "k": count})

    def trending(self, model: str, version: int, count: int) -> RecommendationAnswer:
        """What a version recommends to somebody unknown; as of a minute ago. Raises ServingUnavailable."""
        key = ("trending", model, version, count)
        return self._cache.get(key, _SECONDS, lambda: self._ask(model, version, {"k": count}))

    def _ask(self, model: str, version: int, body: Mapping[str, Any]) -> RecommendationAnswer:
        def call(*, explain: bool) -> tuple[int, dict[str, Any]]:
            return self._answers.call(model, version, "recommend", body, explain=explain)

        status, document = call(explain=True)
        unexplained = None
        if status == UNPROCESSABLE and document.get("type") == NO_EXPLANATION:
            unexplained = str(document.get("detail"))
            status, document = call(explain=False)
        if status != OK:
            return RecommendationAnswer(problem=document)
        history = document["history"]
        return RecommendationAnswer(
            version=document["version"],
            basis=document["basis"],
            history=history["items"],
            sources=history["sources"],
            unavailable=history["unavailable"],
            unknown_items=history["unknown_items"],
            events=tuple(map(_read_event, history["events"])),
            more_events=history["more_events"],
            events_hidden=history["events_hidden"],
            items=tuple(map(_read_item, document["items"])),
            unexplained=unexplained,
        )


def _read_event(event: Mapping[str, Any]) -> UserEvent:
    return UserEvent(**{**event, "time": datetime.fromisoformat(event["time"])})


def _read_item(item: Mapping[str, Any]) -> RecommendedItem:
    reasons = tuple(
        Reason(each["item"], each.get("title"), each.get("event"), each["contribution"])
        for each in item.get("because", ())
    )
    return RecommendedItem(item["item"], item.get("title"), item["score"], reasons, item.get("others", 0.0))
