"""The champions of all models and their challengers, each followed from the first request that asks for it."""

from contextlib import suppress
from threading import Lock

from obstore.exceptions import BaseError

from mlops.errors import ModelNotFound, ModelUnavailable
from mlops.registry.store import Store
from mlops.registry.versions import list_models
from mlops.serving.live.challenger import ChallengerFollower
from mlops.serving.live.follower import PATIENCE_SECONDS, Follower, Witness
from mlops.serving.live.prefetch import Prefetch
from mlops.settings import ApiSettings


class Champions:
    """One Follower a model. The default model has one from the start, whether it has been trained or not."""

    def __init__(self, store: Store, settings: ApiSettings, witness: Witness) -> None:
        self._store = store
        self._settings = settings
        self._witness = witness
        self._lock = Lock()
        self._followers = {settings.default_model: self._follow(Follower, settings.default_model)}
        self._challengers = dict[str, ChallengerFollower]()

    def find(self, model: str) -> Follower | None:
        """The model's follower, if it has one already."""
        return self._followers.get(model)

    def open(self, model: str) -> Follower:
        """The model's follower, made now if the registry has the model. Raises ModelNotFound."""
        with self._lock:
            if model not in self._followers:
                if model not in list_models(self._store):
                    raise ModelNotFound(model)
                self._followers[model] = self._follow(Follower, model)
            return self._followers[model]

    def challenger(self, model: str) -> ChallengerFollower:
        """The follower of a followed model's challenger. No request and no start of a process waits for its look."""
        found = self._challengers.get(model)
        return found or self._challengers.setdefault(model, self._follow(ChallengerFollower, model))

    def followers(self) -> list[Follower]:
        """The models that have been asked for, the default model first."""
        return list(self._followers.values())

    def warm(self, prefetch: Prefetch | None = None) -> None:
        """Load the default model's champion if that can be done; what hinders it is told to the witness.

        What was fetched `prefetch` is used if it's good.
        """
        copy = prefetch.copy(PATIENCE_SECONDS) if prefetch else None
        if copy is not None and self._followers[self._settings.default_model].adopt(copy):
            return
        with suppress(ModelUnavailable):
            self._followers[self._settings.default_model].demand()

    def load(self, store: Store) -> None:
        """Load the champions of all models in `store`, which is this registry by another client.

        A registry that can't be read is told to the witness: the requests will look again.
        """
        try:
            models = list_models(store)
        except (BaseError, OSError) as error:
            self._witness.unreachable(self._settings.default_model, str(error).partition("\n")[0])
            return
        for model in models:
            with self._lock:
                follower = self._followers.setdefault(model, self._follow(Follower, model))
            if follower.scorer is None:
                follower.adopt(store)

    def refresh(self) -> None:
        """Look at the champions of all followed models, however short ago that was done; challengers look later."""
        for follower in self.followers():
            follower.refresh()

    def _follow[F: Follower](self, kind: type[F], model: str) -> F:
        return kind(
            self._store,
            model,
            self._witness,
            max_rows=self._settings.max_rows,
            every=self._settings.follow_seconds,
        )
