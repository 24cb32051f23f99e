"""How every request for predictions is answered, whatever its protocol: read, score, write, log."""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Event
from time import perf_counter_ns
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mlops.errors.base import ErrorWithheld, MlopsError
from mlops.errors.registry import ArtifactInvalid
from mlops.errors.serving import BodyTooLarge, InputRejected
from mlops.privacy import hide_names, private_columns
from mlops.registry.store import Store
from mlops.serving.body import read_body
from mlops.serving.ids import make_ids
from mlops.serving.late_recommendations import LateRecommendations
from mlops.serving.live.assignment import ENTITY_HEADER
from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.live.served_models import ServedModels
from mlops.serving.live.traffic import Role, Scored, TrafficSplit
from mlops.serving.log import ServingLog
from mlops.serving.protocols.protocol import ClientProtocol
from mlops.serving.refusals import REFUSALS, read_explain, request_ids
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer
from mlops.serving.settings import ApiSettings

if TYPE_CHECKING:
    from mlops.artifact.explanation.explainer import Explanation
    from mlops.serving.explanations import Explanations

_STARTS_WITHIN = 0.001  # seconds, where a thread is free
LARGE_BATCH = 1_000  # rows; fewer are scored sooner than a thread pays for itself


class Answerer:
    """Answers the requests of all protocols, within the limits on a body and its answer."""

    def __init__(
        self,
        models: ServedModels,
        log: ServingLog,
        settings: ApiSettings,
        store: Store,
        recommendations: LateRecommendations,
    ) -> None:
        self._models = models
        self._recommendations = recommendations
        self._log = log
        self._settings = settings
        self._store = store
        self._traffic = TrafficSplit(log, settings.challenger_milliseconds)
        self._max_body = settings.max_body_bytes
        self._max_answer = settings.max_answer_bytes

    async def answer(self, protocol: ClientProtocol, request: Request) -> Response:
        """The predictions for a request. Raises what the models, protocol and body raise."""
        started = perf_counter_ns()
        scorer = await self._models.find(request.path_params)
        if not isinstance(scorer, Scorer):
            return await self._recommendations.answer_by(protocol, scorer, request)
        challenger = self._models.find_challenger(request.path_params)
        role: Role = "requested" if "version" in request.path_params else "champion"
        origin = request_ids(request)
        try:
            explain = read_explain(request, explains=protocol.explains)
            body = await read_body(request, protocol, self._max_body)
            parsed = protocol.read(body, request.headers, scorer)
            ids = make_ids(len(parsed.rows))
            score = self._make_score(scorer, challenger, role, parsed.rows, request)
            scored, drafts = await self._score(score, scorer, parsed.rows, ids)
            explanations = await self._explain(scored, parsed.rows) if explain else None
            shown = scored.scores.rounded(self._settings.answer_digits)
            response = protocol.write(parsed, scored.scorer, shown, ids, explanations)
            if len(response.body) > self._max_answer:
                raise BodyTooLarge("bytes in its answer", self._max_answer, len(response.body))
        except REFUSALS as error:
            if isinstance(error, InputRejected):
                error = hide_names(error, scorer.contract)
            self._log.rejected(scorer.manifest.model, error, origin)
            raise error from None
        except (MlopsError, HTTPException, BaseError, ClientDisconnect):
            raise
        except Exception as error:
            if private_columns(scorer.contract):
                raise ErrorWithheld(error) from None
            raise
        shadow = self._traffic.shadow(scored, challenger, parsed.rows) if challenger else None
        took = (perf_counter_ns() - started) / 1e6
        self._log.predictions(
            *(scored.scorer, parsed.rows, scored.scores, ids, took, origin),
            role=scored.role,
            shadow=shadow,
            drafts=drafts,
        )
        return response

    def _make_score(
        self, scorer: Scorer, challenger: ChallengerFollower | None, role: Role, rows: Sequence[Row], request: Request
    ) -> Callable[[], Scored]:
        """What scores a request's rows."""
        if challenger is None:
            return lambda: Scored(scorer, scorer.score(rows), role)
        entity = request.headers.get(ENTITY_HEADER)
        return lambda: self._traffic.score(scorer, challenger, rows, entity)

    async def _score(
        self, score: Callable[[], Scored], scorer: Scorer, rows: Sequence[Row], ids: Sequence[str]
    ) -> tuple[Scored, Sequence[bytes] | None]:
        """The scores of rows, and the drafts of their records.

        A large batch is scored in a thread while its records are drafted here.
        """
        if len(rows) < LARGE_BATCH:
            return score(), self._log.draft(scorer.contract, rows, ids)
        has_started = Event()

        def start() -> Scored:
            has_started.set()
            return score()

        scoring = asyncio.get_running_loop().run_in_executor(None, start)
        # Drafting at once would keep the interpreter from the thread for its 5 ms before the model could start.
        has_started.wait(_STARTS_WITHIN)
        drafts = self._log.draft(scorer.contract, rows, ids)
        return await scoring, drafts

    async def _explain(self, scored: Scored, rows: Sequence[Row]) -> "Sequence[Explanation]":
        try:
            return await self._explanations.explain(scored.scorer, rows, scored.scores)
        except ArtifactInvalid as error:
            self._log.refused(error.model, error.version, str(error))
            raise

    @cached_property
    def _explanations(self) -> "Explanations":
        """Imported at the first question: most processes never explain anything."""
        from mlops.serving.explanations import Explanations

        return Explanations(self._store, self._settings.max_explained_rows)
