"""The champions of all models and their challengers, each followed from the first request that asks for it."""

from contextlib import suppress
from threading import Lock

from mlops.errors import ModelNotFound, ModelUnavailable
from mlops.registry.store import Store
from mlops.registry.versions import list_models
from mlops.serving.challenger import ChallengerFollower
from mlops.serving.follow import Follower, Witness
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

    def warm(self) -> None:
        """Load the default model's champion if that can be done; what hinders it is told to the witness."""
        with suppress(ModelUnavailable):
            self._followers[self._settings.default_model].demand()

    def _follow[F: Follower](self, kind: type[F], model: str) -> F:
        return kind(
            self._store,
            model,
            self._witness,
            max_rows=self._settings.max_rows,
            every=self._settings.follow_seconds,
        )
