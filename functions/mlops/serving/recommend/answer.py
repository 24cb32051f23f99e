"""How a request for recommendations is answered, whatever its protocol: gather the history, rank, write, log."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from obstore.exceptions import BaseError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mlops.artifact.recommender.answering import pick_trending
from mlops.errors.base import ErrorWithheld, MlopsError
from mlops.errors.serving import BodyTooLarge, ExplanationUnavailable
from mlops.serving.body import BodyTypes, read_body
from mlops.serving.ids import make_ids
from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.live.traffic import Role, random_fraction
from mlops.serving.recommend.because import MAX_EXPLAINED, explain_item
from mlops.serving.recommend.exploration import Exploration
from mlops.serving.recommend.log import RecommendationLog
from mlops.serving.recommend.recommendation import Recommendation
from mlops.serving.recommend.requests import MAX_BODY, RecommendationRequest
from mlops.serving.recommend.sources import Gathered, HistorySources
from mlops.serving.recommender import Recommender
from mlops.serving.refusals import REFUSALS, read_explain, request_ids

if TYPE_CHECKING:
    from collections.abc import Mapping


_NOT_SOLVED = (
    "for this history the scores are too far from the solution of the model's equations, of which the contributions are"
)


class RecommendationProtocol(BodyTypes, Protocol):
    """One way in which clients ask for recommendations."""

    explains: bool
    """Whether its answers have a place for explanations."""

    def read(
        self, body: bytes, headers: "Mapping[str, str]", served: Recommender, now: datetime
    ) -> tuple[Sequence[RecommendationRequest], Any]:
        """The requests of a body, checked, and what writing the answer needs."""

    def write(self, served: Recommender, answers: Sequence[Recommendation], options: Any) -> Response:
        """The answer."""


class Recommendations:
    """Answers the requests for recommendations of all protocols."""

    def __init__(
        self, sources: HistorySources, log: RecommendationLog, exploration: Exploration, max_body: int, digits: int
    ) -> None:
        self._sources = sources
        self._log = log
        self._exploration = exploration
        self._digits = digits
        self._max_body = min(max_body, MAX_BODY)

    async def answer(
        self,
        protocol: RecommendationProtocol,
        served: Recommender,
        challenger: ChallengerFollower | None,
        role: Role,
        request: Request,
    ) -> Response:
        """The answer to a request by a version. Raises what the protocol and the body raise."""
        started = perf_counter_ns()
        origin = request_ids(request)
        is_alone = "aws.event" in request.scope  # an instance of a function has one request at a time
        try:
            explain = read_explain(request, explains=protocol.explains)
            body = await read_body(request, protocol, self._max_body)
            if challenger is not None and random_fraction() < challenger.share:
                served, role = _choose(served, challenger, role)
            wanted, options = protocol.read(body, request.headers, served, datetime.now(UTC))
            ids = make_ids(len(wanted))
            answers = [
                await self._recommend(served, each, name, explain=explain, may_wait=is_alone)
                for each, name in zip(wanted, ids, strict=True)
            ]
            response = protocol.write(served, [each.rounded(self._digits) for each in answers], options)
        except REFUSALS as error:
            self._log.rejected(served.manifest.model, error, origin)
            raise error from None
        except (MlopsError, HTTPException, BaseError, ClientDisconnect):
            raise
        except Exception as error:
            if served.interactions.user_privacy != "keep":
                raise ErrorWithheld(error) from None
            raise
        took = (perf_counter_ns() - started) / 1e6
        self._log.recommendations(served, answers, took, role, origin)
        return response

    async def _recommend(
        self, served: Recommender, request: RecommendationRequest, name: str, *, explain: bool, may_wait: bool
    ) -> Recommendation:
        """The answer to one request; `may_wait` if nobody else is answered meanwhile, so that no thread is needed."""
        if explain:
            _check_explainable(served, request)
        if may_wait or not self._sources.waits(served, request):
            gathered = self._sources.gather(served, request)
        else:
            gathered = await asyncio.to_thread(self._sources.gather, served, request)
        excluded = _places(served, request, gathered)
        if not gathered.says_something:
            return self._trending(served, request, gathered, excluded, name, explain=explain)
        depth = self._exploration.depth(request.k)
        rank = served.ranking.explain if explain else served.ranking.rank
        ranked = rank(gathered.history, depth, excluded)
        if not ranked.adds_up:
            manifest = served.manifest
            raise ExplanationUnavailable(manifest.model, manifest.version, _NOT_SOLVED)
        chosen = self._exploration.choose(len(ranked.items), request.k)
        places = list(chosen.places)
        items, scores = ranked.items.tolist(), ranked.scores.tolist()
        because = (
            [explain_item(served, gathered, ranked.contributions[:, place]) for place in places]
            if ranked.contributions is not None
            else ()
        )
        return Recommendation(
            name,
            request,
            gathered,
            "history",
            *_name_items(served, [items[place] for place in places]),
            scores=[scores[place] for place in places],
            propensities=chosen.propensities,
            explored=chosen.explored,
            because=because,
        )

    def _trending(
        self,
        served: Recommender,
        request: RecommendationRequest,
        gathered: Gathered,
        excluded: "np.ndarray | None",
        name: str,
        *,
        explain: bool,
    ) -> Recommendation:
        """What is trending, without what the user has seen or dislikes."""
        depth = self._exploration.depth(request.k)
        pool = pick_trending(served.items.trending, gathered.history, excluded, depth)
        chosen = self._exploration.choose(len(pool), request.k)
        places = list(chosen.places)
        return Recommendation(
            name,
            request,
            gathered,
            "trending",
            *_name_items(served, [pool[place] for place in places]),
            scores=[None] * len(places),
            propensities=chosen.propensities,
            explored=chosen.explored,
            because=[{"because": [], "others": 0.0}] * len(places) if explain else (),
        )


def _choose(served: Recommender, challenger: ChallengerFollower, role: Role) -> tuple[Recommender, Role]:
    """The challenger for its share of the requests, if it's a recommender."""
    other = challenger.scorer
    return (other, "challenger") if isinstance(other, Recommender) else (served, role)


def _check_explainable(served: Recommender, request: RecommendationRequest) -> None:
    manifest = served.manifest
    if not served.ranking.explains:
        reason = f"the scores of {manifest.candidate} aren't sums over a user's history"
        raise ExplanationUnavailable(manifest.model, manifest.version, reason)
    if request.k > MAX_EXPLAINED:
        raise BodyTooLarge("items to explain", MAX_EXPLAINED, request.k)


def _places(served: Recommender, request: RecommendationRequest, gathered: Gathered) -> "np.ndarray | None":
    """The items that are left out besides the history's, as indices; None if there are none."""
    known = served.items.places
    excluded = [known[item] for item in request.excluded if item in known]
    if not excluded:
        return gathered.older
    given = np.array(excluded, dtype=np.int64)
    return given if gathered.older is None else np.concatenate((given, gathered.older))


def _name_items(served: Recommender, items: Sequence[int]) -> tuple[list[str], list[str | None] | None]:
    """The ids and the titles of items."""
    names, titles = served.items.ids, served.items.titles
    return [names[item] for item in items], None if titles is None else [titles[item] for item in items]
