"""Which version answers: the champion, followed in the background so that no prediction waits for a look at it."""

import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import ClassVar, Protocol

from obstore.exceptions import BaseError

from mlops.errors import AliasInvalid, AliasNotFound, ArtifactInvalid, ModelUnavailable, VersionNotFound
from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer

# A version that was refused is tried again so rarely because its files never change: only damage to them is mended.
REFUSED_SECONDS = 60.0
# How far back a cold start looks for a version that can serve, when the champion can't.
MAX_TRIED = 3
# How long a request, or the start of a process, waits for the first version. Lambda gives a start 10 seconds.
PATIENCE_SECONDS = 8.0


class Witness(Protocol):
    """Who is told what happens to the version that an alias points at."""

    def adopted(self, model: str, version: int, seconds: float, alias: str = CHAMPION) -> None:
        """The version is in use from now on."""

    def refused(self, model: str, version: int, reason: str) -> None:
        """The version can't be used; told once for each reason."""

    def unreachable(self, model: str, reason: str) -> None:
        """The registry doesn't answer; told once for each reason."""


class Follower:
    """Keeps one model's champion in memory, or what another of its aliases points at.

    `scorer` is what answers now, or None; `fault` says why it isn't the champion. A version that doesn't load, doesn't
    match its digests or misses its golden rows is refused, and what served before goes on serving. A process that
    starts with such a champion serves the version before it, as a process that was already running does.

    Lambda freezes a process between requests, a background look with it. That look then ends at a later request:
    nothing waits for it, and no second one starts before it ended or failed by its time limit.
    """

    alias: ClassVar[str] = CHAMPION

    def __init__(
        self,
        store: Store,
        model: str,
        witness: Witness,
        *,
        max_rows: int,
        every: float,
        clock: Callable[[], float] = time.monotonic,
        patience: float | None = None,
    ) -> None:
        self.model = model
        self.scorer: Scorer | None = None
        self.fault: str | None = None
        self._aliases = Aliases(store, model)
        self._versions = Versions(store, model)
        self._witness = witness
        self._max_rows = max_rows
        self._every = every
        self._clock = clock
        self._patience = PATIENCE_SECONDS if patience is None else patience
        self._lock = Lock()
        self._looked: float | None = None
        self._refused: float | None = None
        self._seen: str | None = None
        self._told: set[str] = set()
        self._down = False

    def poke(self) -> None:
        """Start a look at the champion in the background, if the last one was long enough ago and has ended."""
        if self._due():
            self._start()

    def look(self) -> None:
        """Look at the champion now, and adopt it if it has changed."""
        with self._lock:
            self._look()

    def adopt(self, copy: Store) -> bool:
        """Adopt the champion in a copy of the registry, and look at the registry itself only when it's time again.

        False if the copy has none that can be used: a look, which meets the same, says why.
        """
        started = self._clock()
        try:
            alias = Aliases(copy, self.model).read(self.alias)
            assert alias is not None
            self.scorer = Scorer.load(Versions(copy, self.model), alias.version, self._max_rows)
        except Exception:  # noqa: BLE001
            return False
        self._looked = self._clock()
        self._witness.adopted(self.model, alias.version, self._looked - started, self.alias)
        return True

    def refresh(self) -> None:
        """Look at the champion now, but wait for it only so long: the look goes on."""
        self._start()
        if not self._wait():
            self._tell_slow()

    def demand(self) -> Scorer:
        """The scorer, looking for one now if there is none: then there's nothing to answer with meanwhile.

        Raises ModelUnavailable. A registry that has just failed isn't asked again at once, and one that is slow is
        waited for only so long: the look goes on, and a later request finds what it brought.
        """
        if self.scorer is None and (not self._down or self._due()):
            # A look that was under way already may have missed what is there now: then one more.
            if not self._start() and self._wait() and self.scorer is None:
                self._start()
            if not self._wait():
                self._tell_slow()
        if self.scorer is None:
            raise ModelUnavailable(self.model, self.fault or "it has not been looked for yet.")
        return self.scorer

    def _due(self) -> bool:
        return _elapsed(self._looked, self._clock(), self._every)

    def _start(self) -> bool:
        """Start a look in the background; False if one is under way."""
        if not self._lock.acquire(blocking=False):
            return False
        Thread(target=self._look_and_release, name=f"follow-{self.model}", daemon=True).start()
        return True

    def _wait(self) -> bool:
        """Wait for the look that is under way, but only so long; False if it hasn't ended then."""
        if not self._lock.acquire(timeout=self._patience):
            return False
        self._lock.release()
        return True

    def _look_and_release(self) -> None:
        try:
            self._look()
        finally:
            self._lock.release()

    def _look(self) -> None:
        """One look; the lock is held."""
        again = self._refused is not None and _elapsed(self._refused, self._clock(), REFUSED_SECONDS)
        try:
            alias = self._aliases.read(self.alias, unless=None if again else self._seen)
            self._down = False
            if alias is not None:
                self._follow(alias)
            elif self._refused is None:
                self._recover()
        except AliasNotFound:
            self._down = False
            self._miss()
        except AliasInvalid as error:
            self.fault = str(error)
            if self._is_news(self.fault):
                self._witness.unreachable(self.model, self.fault)
        except (BaseError, OSError) as error:
            self._down = True
            self.fault = "the registry can't be read now. Try again in a few seconds."
            if self._is_news("unreachable"):
                self._tell_unreachable(str(error).partition("\n")[0])
        finally:
            self._looked = self._clock()

    def _miss(self) -> None:
        """The alias isn't there."""
        self.fault = (
            f"it has no {self.alias} yet. Upload a dataset to datasets/{self.model}/ in the data bucket: "
            f"the first version that passes its gates becomes the {self.alias}."
        )

    def _follow(self, alias: Alias) -> None:
        serving = self.scorer.manifest.version if self.scorer else None
        for version in self._candidates(alias):
            if version == serving:
                break
            started = self._clock()
            try:
                self.scorer = Scorer.load(self._versions, version, self._max_rows)
            except (ArtifactInvalid, VersionNotFound) as error:
                self._tell_refused(version, str(error), first=version == alias.version)
                continue
            except (BaseError, OSError):
                raise
            except Exception as error:  # noqa: BLE001
                # Whatever is wrong with a version, what served before goes on.
                reason = f"Version {version} of {self.model!r} can't be used: {type(error).__name__}: {error}"
                self._tell_refused(version, reason, first=version == alias.version)
                continue
            self._witness.adopted(self.model, version, self._clock() - started, self.alias)
            break
        self._seen = alias.tag
        if self.scorer and self.scorer.manifest.version == alias.version:
            self._recover()

    def _candidates(self, alias: Alias) -> list[int]:
        """The champion, and for a cold start the versions that were before it, latest first."""
        if self.scorer is not None:
            return [alias.version]
        return list(dict.fromkeys(move.version for move in reversed(alias.history)))[:MAX_TRIED]

    def _tell_slow(self) -> None:
        self.fault = "the registry is slow: its champion is still being read. Try again in a few seconds."
        if self._is_news("slow"):
            self._tell_unreachable(f"it hasn't answered within {self._patience:g} seconds")

    def _tell_unreachable(self, reason: str) -> None:
        self._witness.unreachable(self.model, reason)

    def _tell_refused(self, version: int, reason: str, *, first: bool) -> None:
        if first:
            self._refused = self._clock()
            self.fault = reason
        if self._is_news(reason):
            self._witness.refused(self.model, version, reason)

    def _is_news(self, cause: str) -> bool:
        """Whether the cause hasn't been told since all was well."""
        news = cause not in self._told
        self._told.add(cause)
        return news

    def _recover(self) -> None:
        self.fault = self._refused = None
        self._told.clear()


def _elapsed(since: float | None, now: float, seconds: float) -> bool:
    """Whether `seconds` have passed; also if the clock went back, as it may in a process restored from a snapshot."""
    return since is None or not 0 <= now - since < seconds
