"""All that answers for recommenders, put together from the API's parts."""

from collections.abc import Callable
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from mlops.registry.store import Store
from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.live.traffic import Role
from mlops.serving.log import ServingLog
from mlops.serving.protocols.protocol import ClientProtocol
from mlops.serving.recommend.answer import RecommendationProtocol, Recommendations
from mlops.serving.recommend.exploration import Exploration
from mlops.serving.recommend.feedback import EventFeedback
from mlops.serving.recommend.log import RecommendationLog
from mlops.serving.recommend.protocols import OTHERS, OwnRecommendations
from mlops.serving.recommend.recent import RecentEvents
from mlops.serving.recommend.sources import HistorySources
from mlops.serving.recommender import Recommender
from mlops.serving.settings import ApiSettings


class RecommendationService:
    """Answers requests for recommendations through every protocol, and takes feedback."""

    def __init__(
        self,
        log: ServingLog,
        settings: ApiSettings,
        store: Store,
        open_records: Callable[[], Store] | None,
        open_recent: Callable[[], RecentEvents] | None,
    ) -> None:
        recent = cache(open_recent) if open_recent else None
        own_log = RecommendationLog(log)
        self._recommendations = Recommendations(
            HistorySources(store, recent, log.key),
            own_log,
            Exploration(settings.explore_share),
            settings.max_body_bytes,
            settings.answer_digits,
        )
        self._own: RecommendationProtocol = OwnRecommendations(shows_history=settings.show_histories)
        self._feedback = EventFeedback(own_log, open_records, recent, log.key)

    def takes(self, protocol: ClientProtocol) -> bool:
        """Whether a protocol for rows of tables can ask for recommendations too."""
        return type(protocol) in OTHERS

    async def answer(
        self,
        served: Recommender,
        challenger: ChallengerFollower | None,
        role: Role,
        request: Request,
        protocol: ClientProtocol | None = None,
    ) -> Response:
        """The answer to a request, through another protocol than our own where one is named."""
        own = OTHERS[type(protocol)] if protocol else self._own
        return await self._recommendations.answer(own, served, challenger, role, request)

    async def take_feedback(self, served: Recommender, request: Request) -> Response:
        """Store the events in a request."""
        return await self._feedback.take(served, request)
