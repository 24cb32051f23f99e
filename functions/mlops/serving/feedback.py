"""POST /models/{model}/feedback: truths, or a recommender's events, stored before they are acknowledged.

What reads and stores truths is imported at the first feedback: no prediction needs it.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mlops.errors.serving import FeedbackNotStored, FeedbackNotTaken, InputRejected
from mlops.privacy import hide_names, private_columns
from mlops.registry.store import Store
from mlops.serving.body import read_body
from mlops.serving.late_recommendations import LateRecommendations
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.refusals import REFUSALS, request_ids
from mlops.serving.scorer import Scorer

if TYPE_CHECKING:
    from mlops.records.truths import Truth

PATH = "/models/{model}/feedback"


class Feedback:
    """Takes the truths of clients.

    `open_records` makes a client of the records bucket, at the first feedback; None if there is no such bucket.
    """

    media_types: tuple[str, ...] = ("application/json",)
    requires_media_type = True

    def __init__(
        self,
        models: ServedModels,
        log: ServingLog,
        max_body: int,
        open_records: Callable[[], Store] | None,
        recommendations: LateRecommendations,
    ) -> None:
        self._recommendations = recommendations
        self._models = models
        self._log = log
        self._max_body = max_body
        self._open_records = open_records

    @property
    def route(self) -> Route:
        """The path."""
        return Route(PATH, self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        """Store one truth or up to 500, all or none; 202 says that they are durable.

        Raises FeedbackNotTaken, FeedbackNotStored, and what models, body and truths raise.
        """
        from mlops.records.truths import read_truths

        scorer = await self._models.find(request.path_params)
        if not isinstance(scorer, Scorer):
            return await self._recommendations.take_feedback(scorer, request)
        if self._open_records is None:
            raise FeedbackNotTaken
        model, now = scorer.manifest.model, datetime.now(UTC)
        try:
            body = await read_body(request, self, self._max_body)
            is_public = not private_columns(scorer.contract)
            truths = read_truths(body, scorer.contract.target, now, repeat_values=is_public)
        except REFUSALS as error:
            if isinstance(error, InputRejected):
                error = hide_names(error, scorer.contract)
            self._log.feedback_refused(model, error, request_ids(request))
            raise error from None
        count = await asyncio.to_thread(self._store, model, truths, now)
        self._log.feedback_stored(model, count)
        return Response(to_json({"model": model, "stored": count}), 202, media_type="application/json")

    def _store(self, model: str, truths: "list[Truth]", now: datetime) -> int:
        from mlops.records.write import store_feedback

        try:
            return store_feedback(self._records, model, truths, now)
        except (BaseError, OSError) as error:
            raise FeedbackNotStored(model, str(error)) from error

    @cached_property
    def _records(self) -> Store:
        assert self._open_records is not None
        return self._open_records()
