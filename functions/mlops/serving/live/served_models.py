"""The models that are served, and which version answers a request: a champion, or the version that its path names."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from starlette.exceptions import HTTPException

from mlops.errors.registry import VersionNotPublic
from mlops.errors.serving import ModelUnavailable
from mlops.registry.store import Store
from mlops.registry.versions import list_models
from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.live.follower import PATIENCE_SECONDS, Follower, Listener
from mlops.serving.live.loading import check_table
from mlops.serving.live.names import ModelNames, check_name
from mlops.serving.live.pinned import PinnedVersions
from mlops.serving.live.prefetch import Prefetch
from mlops.serving.settings import ApiSettings

if TYPE_CHECKING:
    from mlops.serving.live.loading import Served
    from mlops.serving.scorer import Scorer

_MAX_DIGITS = 9
UNKNOWN = "-"  # no model can be called so


class ServedModels:
    """A Follower of the champion and one of the challenger for each model, from the first request that asks for it.

    The default model has its own from the start, whether it has been trained or not.
    """

    def __init__(self, store: Store, settings: ApiSettings, listener: Listener) -> None:
        self._store = store
        self._settings = settings
        self._listener = listener
        self._default = settings.default_model
        self.names = ModelNames(store, settings.follow_seconds)
        self._pinned = PinnedVersions(
            store,
            listener,
            max_rows=settings.max_rows,
            names=self.names,
            serve_refused=settings.serve_refused_versions,
        )
        self._lock = Lock()
        self._champions = {self._default: self._follow(Follower, self._default)}
        self._challengers = dict[str, ChallengerFollower]()

    async def find_table(self, path: Mapping[str, str]) -> "Scorer":
        """The same, of a model of a table. Raises KindMismatch for another one, and what `find` raises."""
        return check_table(await self.find(path))

    async def find(self, path: Mapping[str, str]) -> "Served":
        """The version for the parameters `model` and `version` of a path; without them the default model's champion.

        Only where it isn't in memory yet, the request waits for the registry. Raises ModelNotFound, VersionNotFound,
        VersionNotPublic, ModelUnavailable or ArtifactInvalid, and HTTPException with status 404 where the version isn't
        a number.
        """
        model = path.get("model", self._default)
        if model not in self._champions:
            check_name(model)
        version = path.get("version")
        if version is not None:
            return await self._find_version(model, version)
        follower = self._champions.get(model)
        if follower is None:
            follower = await asyncio.to_thread(self.champion, model)
        scorer = follower.scorer
        if scorer is None:
            return await asyncio.to_thread(follower.require)
        follower.poll_if_due()
        return scorer

    def find_challenger(self, path: Mapping[str, str]) -> ChallengerFollower | None:
        """The challenger of the model that a path asks for; None without one, or if the path names a version."""
        if "version" in path:
            return None
        follower = self.challenger(path.get("model", self._default))
        follower.poll_if_due()
        return follower if follower.scorer else None

    def champion(self, model: str) -> Follower:
        """The follower of a model's champion, made now if the registry has the model. Raises ModelNotFound."""
        if model not in self._champions:
            self.names.require(model)
        with self._lock:
            return self._champions.get(model) or self._champions.setdefault(model, self._follow(Follower, model))

    def challenger(self, model: str) -> ChallengerFollower:
        """The follower of a model's challenger. No request and no start of a process waits for its poll."""
        found = self._challengers.get(model)
        return found or self._challengers.setdefault(model, self._follow(ChallengerFollower, model))

    def metric_name(self, path: Mapping[str, str]) -> str:
        """The model to count a request under: "-" if it isn't served here, so that no client makes up metrics."""
        model = path.get("model", self._default)
        return model if model in self._champions else UNKNOWN

    def champions(self) -> list[Follower]:
        """The followers of the models that have been asked for, the default model first."""
        return list(self._champions.values())

    def warm_up(self, prefetch: Prefetch | None = None) -> None:
        """Load the default model's champion, from what was prefetched if that is complete; a fault is reported."""
        copy = prefetch.copy(PATIENCE_SECONDS) if prefetch else None
        if copy is not None and self._champions[self._default].adopt(copy):
            return
        with suppress(ModelUnavailable):
            self._champions[self._default].require()

    def load_all(self, store: Store) -> None:
        """Load the champions of all models in `store`, which is this registry by another client.

        A registry that can't be read is reported: the requests will poll it again.
        """
        try:
            models = list_models(store)
        except (BaseError, OSError) as error:
            self._listener.unreachable(self._default, str(error).partition("\n")[0])
            return
        for model in models:
            with self._lock:
                follower = self._champions.setdefault(model, self._follow(Follower, model))
            if follower.scorer is None:
                follower.adopt(store)

    def refresh(self) -> None:
        """Poll the champions of all followed models, however short ago they were; challengers are polled later."""
        for follower in self.champions():
            follower.refresh()

    async def _find_version(self, model: str, text: str) -> "Served":
        if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and text[0] != "0"):
            raise HTTPException(404)
        version = int(text)
        follower = self._champions.get(model)
        champion = follower.scorer if follower else None
        if champion is not None and champion.manifest.version == version:
            return champion
        kept = self._pinned.find(model, version)
        return kept if kept is not None else await asyncio.to_thread(self._load_version, model, version)

    def _load_version(self, model: str, version: int) -> "Served":
        """A version that isn't in memory; one that failed its gates only if a person made it the champion."""
        try:
            return self._pinned.load(model, version)
        except VersionNotPublic:
            follower = self.champion(model)
            follower.poll_if_due()
            with suppress(ModelUnavailable):
                scorer = follower.require()
                if scorer.manifest.version == version:
                    return scorer
            raise

    def _follow[F: Follower](self, kind: type[F], model: str) -> F:
        return kind(
            self._store,
            model,
            self._listener,
            max_rows=self._settings.max_rows,
            every=self._settings.follow_seconds,
        )
