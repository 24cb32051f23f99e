"""Feedback to a recommender: events, stored in the records and in the table of recent events before acknowledged."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property

from obstore.exceptions import BaseError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from mlops.artifact.recommender.histories import hash_user
from mlops.errors.authorization import TableUnavailable
from mlops.errors.serving import FeedbackNotStored, FeedbackNotTaken
from mlops.interactions import InteractionContract
from mlops.records.events import EventLine, store_events
from mlops.registry.store import Store
from mlops.serving.body import read_body
from mlops.serving.recommend.events import FeedbackEvent, read_events
from mlops.serving.recommend.log import RecommendationLog, publish_user
from mlops.serving.recommend.recent import RecentEvents
from mlops.serving.recommender import Recommender
from mlops.serving.refusals import REFUSALS, request_ids

MAX_BODY = 1_000_000  # bytes


class EventFeedback:
    """Takes the events of clients.

    `open_records` makes a client of the records bucket, `open_recent` one of the table of recent events; None where
    there is no such bucket or table. `key` is the privacy key.
    """

    media_types: tuple[str, ...] = ("application/json",)
    requires_media_type = True

    def __init__(
        self,
        log: RecommendationLog,
        open_records: Callable[[], Store] | None,
        open_recent: Callable[[], RecentEvents] | None,
        key: bytes,
    ) -> None:
        self._log = log
        self._open_records = open_records
        self._open_recent = open_recent
        self._key = key

    async def take(self, served: Recommender, request: Request) -> Response:
        """Store one event or up to 500, all or none.

        202 says that they are durable and, where there is a table, that every recommendation from now on knows them.
        Raises FeedbackNotTaken, FeedbackNotStored, and what the body and its events raise.
        """
        if self._open_records is None:
            raise FeedbackNotTaken
        model, now = served.manifest.model, datetime.now(UTC)
        try:
            events = read_events(await read_body(request, self, MAX_BODY), served.interactions, now)
        except REFUSALS as error:
            self._log.feedback_refused(model, error, request_ids(request))
            raise error from None
        await asyncio.to_thread(self._store, model, served.interactions, events, now)
        self._log.events_stored(model, len(events))
        answer = {"model": model, "stored": len(events), "recent": self._open_recent is not None}
        return Response(to_json(answer), 202, media_type="application/json")

    def _store(self, model: str, contract: InteractionContract, events: Sequence[FeedbackEvent], now: datetime) -> None:
        lines = [_make_line(each, contract, self._key) for each in events]
        try:
            store_events(self._records, model, lines, now)
            if self._open_recent is not None:
                # What says nothing of taste, such as that an item was shown, changes no recommendation.
                telling = [each for each in events if contract.events[each.event.name] is not None]
                hashes = {each.user: hash_user(contract.user, each.user, self._key) for each in telling}
                self._open_recent().write(model, [(hashes[each.user], each.event) for each in telling])
        except (BaseError, OSError, TableUnavailable) as error:
            raise FeedbackNotStored(model, str(error)) from error

    @cached_property
    def _records(self) -> Store:
        assert self._open_records is not None
        return self._open_records()


def _make_line(given: FeedbackEvent, contract: InteractionContract, key: bytes) -> EventLine:
    event = given.event
    return EventLine(
        id=event.id,
        item=event.item,
        event=event.name,
        time=datetime.fromtimestamp(event.time / 1000, UTC),
        user=publish_user(contract, given.user, key),
        rating=event.rating,
        recommendation_id=given.recommendation_id,
        position=given.position,
    )
