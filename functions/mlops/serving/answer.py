"""How every request for predictions is answered, whatever its protocol: read, score, write, log."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from threading import Event
from time import perf_counter_ns
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mlops.errors import (
    ArtifactInvalid,
    BodyTooLarge,
    BodyUnreadable,
    ExplanationUnavailable,
    InputRejected,
    MediaTypeUnsupported,
    QueryInvalid,
)
from mlops.registry.store import Store
from mlops.serving.ids import make_ids
from mlops.serving.live.challenger import ChallengerFollower, Contest, Verdict
from mlops.serving.live.scorers import Scorers
from mlops.serving.log import ServingLog
from mlops.serving.protocols.body import read_body
from mlops.serving.protocols.protocol import ProtocolOfClients
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer
from mlops.settings import ApiSettings

if TYPE_CHECKING:
    from mlops.artifact.explanation.explainer import Explanation
    from mlops.serving.explanations import Explanations

EXPLAIN = "explain"
_BEGINS_WITHIN = 0.001  # seconds, where a thread is free
SLOW = 1_000  # rows; of fewer the model answers sooner than a thread begins to pay
# The request's fault: logged as a refusal, with the rules it broke.
REFUSALS = (
    BodyTooLarge,
    BodyUnreadable,
    ExplanationUnavailable,
    InputRejected,
    MediaTypeUnsupported,
    QueryInvalid,
)


class Answerer:
    """Answers the requests of all protocols, within the limits on a body and its answer."""

    def __init__(self, scorers: Scorers, log: ServingLog, settings: ApiSettings, store: Store) -> None:
        self._scorers = scorers
        self._log = log
        self._settings = settings
        self._store = store
        self._contest = Contest(log, settings.challenger_milliseconds)
        self._max_body = settings.max_body_bytes
        self._max_answer = settings.max_answer_bytes

    async def answer(self, protocol: ProtocolOfClients, request: Request) -> Response:
        """The predictions for a request. Raises what scorers, protocol and body raise."""
        started = perf_counter_ns()
        scorer = await self._scorers.find(request.path_params)
        challenger = self._scorers.challenger(request.path_params)
        origin = request_ids(request)
        try:
            explain = read_explain(request, protocol)
            body = await read_body(request, protocol, self._max_body)
            question = protocol.read(body, request.headers, scorer)
            verdict, drafts = await self._score(scorer, challenger, question.rows)
            ids = make_ids(len(question.rows))
            reasons = await self._explain(verdict, question.rows) if explain else None
            response = protocol.write(question, verdict.scorer, verdict.scores, ids, reasons)
            if len(response.body) > self._max_answer:
                raise BodyTooLarge("bytes in its answer", self._max_answer, len(response.body))
        except REFUSALS as error:
            self._log.rejected(scorer.manifest.model, error, origin)
            raise
        shadow = self._contest.shadow(verdict, challenger, question.rows)
        took = (perf_counter_ns() - started) / 1e6
        self._log.predictions(
            *(verdict.scorer, question.rows, verdict.scores, ids, took, origin),
            role=verdict.role,
            shadow=shadow,
            drafts=drafts,
        )
        return response

    async def _score(
        self, scorer: Scorer, challenger: ChallengerFollower | None, rows: Sequence[Row]
    ) -> "tuple[Verdict, Sequence[bytes] | None]":
        """The verdict on rows. Of many it comes from a thread: meanwhile their records begin, and others are served."""
        if len(rows) < SLOW:
            return self._contest.score(scorer, challenger, rows), self._log.draft(scorer.contract, rows)
        begun = Event()

        def score() -> Verdict:
            begun.set()
            return self._contest.score(scorer, challenger, rows)

        scoring = asyncio.get_running_loop().run_in_executor(None, score)
        # Drafting at once would keep the interpreter from the thread for its 5 ms before the model could begin.
        begun.wait(_BEGINS_WITHIN)
        drafts = self._log.draft(scorer.contract, rows)
        return await scoring, drafts

    async def _explain(self, verdict: Verdict, rows: Sequence[Row]) -> "Sequence[Explanation]":
        try:
            return await self._explanations.explain(verdict.scorer, rows, verdict.scores)
        except ArtifactInvalid as error:
            self._log.refused(error.model, error.version, str(error))
            raise

    @cached_property
    def _explanations(self) -> "Explanations":
        """Imported at the first question: most processes never explain anything."""
        from mlops.serving.explanations import Explanations

        return Explanations(self._store, self._settings.max_explained_rows)


def read_explain(request: Request, protocol: ProtocolOfClients) -> bool:
    """Whether the request wants its answers explained. Raises QueryInvalid."""
    if not request.scope.get("query_string"):
        return False
    values = request.query_params.getlist(EXPLAIN)
    if not values:
        return False
    if not protocol.explains:
        raise QueryInvalid(EXPLAIN, "isn't taken here; POST /predict and /models/{model}/predict explain answers.")
    if values not in (["true"], ["false"]):
        raise QueryInvalid(EXPLAIN, "must be true or false, and stand once.")
    return values == ["true"]


def request_ids(request: Request) -> dict[str, str]:
    """The ids under which Lambda and API Gateway know the request; none outside Lambda."""
    context = request.scope.get("aws.context")
    event = request.scope.get("aws.event", {})
    ids = {
        "function_request_id": getattr(context, "aws_request_id", None),
        "request_id": event.get("requestContext", {}).get("requestId"),
    }
    return {name: value for name, value in ids.items() if value}
