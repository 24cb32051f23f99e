"""Recommenders in the application: their routes, and all that answers them, imported at the first request for one."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mlops.errors.registry import KindMismatch
from mlops.registry.manifest.manifest import RECOMMENDER
from mlops.registry.store import Store
from mlops.serving.hot_paths import HotEndpoint
from mlops.serving.live.loading import check_table
from mlops.serving.live.served_models import ServedModels
from mlops.serving.live.traffic import Role
from mlops.serving.log import ServingLog
from mlops.serving.protocols.protocol import ClientProtocol
from mlops.serving.scorer import Scorer
from mlops.serving.settings import ApiSettings

if TYPE_CHECKING:
    from mlops.serving.recommend.recent import RecentEvents
    from mlops.serving.recommend.service import RecommendationService
    from mlops.serving.recommender import Recommender

PATHS = ("/recommend", "/models/{model}/recommend", "/models/{model}/versions/{version}/recommend")


class LateRecommendations:
    """Answers for recommenders; the process of a model of a table never imports what does.

    `open_records` makes a client of the records bucket, `open_recent` one of the table of recent events; None where
    there is no such bucket or table.
    """

    def __init__(
        self,
        models: ServedModels,
        log: ServingLog,
        settings: ApiSettings,
        store: Store,
        open_records: Callable[[], Store] | None,
        open_recent: "Callable[[], RecentEvents] | None",
    ) -> None:
        self._models = models
        self._log = log
        self._settings = settings
        self._store = store
        self._open_records = open_records
        self._open_recent = open_recent

    @property
    def routes(self) -> list[Route]:
        """The paths of our own protocol."""
        endpoint = HotEndpoint(self.answer)
        return [Route(path, endpoint, methods=["POST"]) for path in PATHS]

    async def answer(self, request: Request) -> Response:
        """The answer to a request on those paths. Raises what the models and the body raise."""
        path = {"model": self._settings.default_recommender, **request.path_params}
        served = await self._models.find(path)
        if isinstance(served, Scorer):
            manifest = served.manifest
            raise KindMismatch(manifest.model, manifest.version, manifest.kind, RECOMMENDER)
        challenger = self._models.find_challenger(path)
        return await self._service.answer(served, challenger, _role(request), request)

    async def answer_by(self, protocol: ClientProtocol, served: "Recommender", request: Request) -> Response:
        """The answer to a request through another protocol. Raises KindMismatch if that can't ask for one."""
        if not self._service.takes(protocol):
            check_table(served)
        challenger = self._models.find_challenger(request.path_params)
        return await self._service.answer(served, challenger, _role(request), request, protocol)

    async def take_feedback(self, served: "Recommender", request: Request) -> Response:
        """Take the events in a request. Raises what reading and storing them raise."""
        return await self._service.take_feedback(served, request)

    @cached_property
    def _service(self) -> "RecommendationService":
        from mlops.serving.recommend.service import RecommendationService

        return RecommendationService(self._log, self._settings, self._store, self._open_records, self._open_recent)


def _role(request: Request) -> Role:
    return "requested" if "version" in request.path_params else "champion"
