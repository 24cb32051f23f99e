"""One model's champion in memory: its alias is polled in the background, so that no prediction waits for it."""

import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import TYPE_CHECKING, ClassVar, Protocol

from obstore.exceptions import BaseError

from mlops.errors.registry import AliasInvalid, AliasNotFound, ArtifactInvalid, VersionNotFound
from mlops.errors.serving import ModelUnavailable
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases
from mlops.registry.fallbacks import Fallbacks, find_fallbacks
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.live.loading import load_version

if TYPE_CHECKING:
    from mlops.serving.live.loading import Served

# A refused version is rarely tried again: its files never change, so only repaired damage makes a difference.
REFUSED_SECONDS = 60.0
# How many former champions are tried, when the champion can't serve.
MAX_FALLBACKS = 2
# How long a request, or the start of a process, waits for the first version. Lambda gives a start 10 seconds.
PATIENCE_SECONDS = 8.0


class Listener(Protocol):
    """Receives what happens to the version that an alias points at."""

    def adopted(self, model: str, version: int, seconds: float, alias: str = CHAMPION) -> None:
        """The version is in use from now on."""

    def refused(self, model: str, version: int, reason: str) -> None:
        """The version can't be used; called once for each reason."""

    def fell_back(self, model: str, champion: int, version: int | None, reason: str) -> None:
        """The champion can't be used, and the version answers instead, or none; called once for each reason."""

    def unreachable(self, model: str, reason: str) -> None:
        """The registry doesn't answer; called once for each reason."""


class Follower:
    """Keeps one model's champion in memory, or what another of its aliases points at.

    `scorer` is the version that answers now, or None; `fault` is why it isn't the champion. A version that doesn't
    load, doesn't match its digests or misses its golden rows is refused, and a former champion answers: the one that
    serves, and at a start the latest that loads. None that was rolled back from or withdrawn does, at a start or later.

    Lambda freezes a process between requests, a background poll with it. That poll then ends at a later request:
    nothing waits for it, and no second one starts before it ended or failed by its time limit.
    """

    alias: ClassVar[str] = CHAMPION

    def __init__(
        self,
        store: Store,
        model: str,
        listener: Listener,
        *,
        max_rows: int,
        every: float,
        clock: Callable[[], float] = time.monotonic,
        patience: float | None = None,
    ) -> None:
        self.model = model
        self.scorer: Served | None = None
        self.fault: str | None = None
        self._aliases = Aliases(store, model)
        self._versions = Versions(store, model)
        self._listener = listener
        self._max_rows = max_rows
        self._every = every
        self._clock = clock
        self._patience = PATIENCE_SECONDS if patience is None else patience
        self._lock = Lock()
        self._polled_at: float | None = None
        self._refused_at: float | None = None
        self._tag: str | None = None
        self._reported: set[str] = set()
        self._unreachable = False

    def poll_if_due(self) -> None:
        """Start a poll in the background, if the last one was long enough ago and has ended."""
        if self._is_due():
            self._start()

    def poll(self) -> None:
        """Read the alias now, and adopt its version if it has changed."""
        with self._lock:
            self._poll()

    def adopt(self, copy: Store) -> bool:
        """Adopt the champion in a copy of the registry; the registry itself is polled only when that is due again.

        False if the copy has no usable champion: the next poll meets the same fault and reports it.
        """
        started = self._clock()
        try:
            alias = Aliases(copy, self.model).read(self.alias)
            assert alias is not None
            self.scorer = load_version(Versions(copy, self.model), alias.version, self._max_rows)
        except Exception:  # noqa: BLE001
            return False
        self._polled_at = self._clock()
        self._listener.adopted(self.model, alias.version, self._polled_at - started, self.alias)
        return True

    def refresh(self) -> None:
        """Poll now, but wait for it only for the patience: the poll goes on."""
        self._start()
        if not self._wait():
            self._report_slow()

    def require(self) -> "Served":
        """The scorer. If there is none, poll and wait: there's nothing else to answer with.

        Raises ModelUnavailable. A registry that has just failed isn't asked again at once, and a slow one is waited for
        only for the patience: the poll goes on, and a later request finds its result.
        """
        if self.scorer is None and (not self._unreachable or self._is_due()):
            # A poll that was under way already may have missed what is there now: then one more.
            if not self._start() and self._wait() and self.scorer is None:
                self._start()
            if not self._wait():
                self._report_slow()
        if self.scorer is None:
            raise ModelUnavailable(self.model, self.fault or "it has not been looked for yet.")
        return self.scorer

    def _is_due(self) -> bool:
        return _has_elapsed(self._polled_at, self._clock(), self._every)

    def _start(self) -> bool:
        """Start a poll in the background; False if one is under way."""
        if not self._lock.acquire(blocking=False):
            return False
        Thread(target=self._poll_and_release, name=f"follow-{self.model}", daemon=True).start()
        return True

    def _wait(self) -> bool:
        """Wait for the poll that is under way, for the patience; False if it hasn't ended then."""
        if not self._lock.acquire(timeout=self._patience):
            return False
        self._lock.release()
        return True

    def _poll_and_release(self) -> None:
        try:
            self._poll()
        finally:
            self._lock.release()

    def _poll(self) -> None:
        """One poll; the lock is held."""
        retry = self._refused_at is not None and _has_elapsed(self._refused_at, self._clock(), REFUSED_SECONDS)
        try:
            alias = self._aliases.read(self.alias, unless=None if retry else self._tag)
            self._unreachable = False
            if alias is not None:
                self._apply(alias)
            elif self._refused_at is None:
                self._recover()
        except AliasNotFound:
            self._unreachable = False
            self._handle_missing_alias()
        except AliasInvalid as error:
            self.fault = str(error)
            if self._is_new(self.fault):
                self._listener.unreachable(self.model, self.fault)
        except (BaseError, OSError) as error:
            self._unreachable = True
            self.fault = "the registry can't be read now. Try again in a few seconds."
            if self._is_new("unreachable"):
                self._report_unreachable(str(error).partition("\n")[0])
        finally:
            self._polled_at = self._clock()

    def _handle_missing_alias(self) -> None:
        self.fault = (
            f"it has no {self.alias} yet. Upload a dataset to datasets/{self.model}/ in the data bucket: "
            f"the first version that passes its gates becomes the {self.alias}."
        )

    def _apply(self, alias: Alias) -> None:
        """Load the version that the alias points at, if it isn't the one that serves."""
        if alias.version != self._serving and (reason := self._load(alias.version)):
            self._refused_at = self._clock()
            self.fault = reason
            self._fall_back(alias, reason)
        self._tag = alias.tag
        if alias.version == self._serving:
            self._recover()

    @property
    def _serving(self) -> int | None:
        return self.scorer.manifest.version if self.scorer else None

    def _load(self, version: int) -> str | None:
        """Let the version answer from now on, or return why it can't."""
        started = self._clock()
        try:
            self.scorer = load_version(self._versions, version, self._max_rows)
        except (BaseError, OSError):
            raise
        except (ArtifactInvalid, VersionNotFound) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001
            # Whatever is wrong with a version, another goes on serving.
            reason = f"Version {version} of {self.model!r} can't be used: {type(error).__name__}: {error}"
        else:
            self._listener.adopted(self.model, version, self._clock() - started, self.alias)
            return None
        if self._is_new(reason):
            self._listener.refused(self.model, version, reason)
        return reason

    def _fall_back(self, alias: Alias, reason: str) -> None:
        """Let a former champion answer that may, and stop the one that serves if it may not."""
        found = self._find_fallbacks(alias)
        if self._serving not in found.versions and all(map(self._load, found.versions[:MAX_FALLBACKS])):
            self.scorer = None
        answers = f"version {self._serving} answers instead" if self.scorer else "no version answers instead"
        barred = [f"version {version} may not: {why}" for version, why in sorted(found.barred.items(), reverse=True)]
        self.fault = "; ".join([reason.removesuffix("."), answers, *barred])
        if self._is_new(self.fault):
            self._listener.fell_back(self.model, alias.version, self._serving, self.fault)

    def _find_fallbacks(self, alias: Alias) -> Fallbacks:
        """The versions that may answer; none where it can't be known which were withdrawn."""
        try:
            return find_fallbacks(alias, self._aliases.find(CHALLENGER))
        except AliasInvalid as error:
            return Fallbacks((), {move.version: str(error) for move in alias.history if move.version != alias.version})

    def _report_slow(self) -> None:
        self.fault = "the registry is slow: its champion is still being read. Try again in a few seconds."
        if self._is_new("slow"):
            self._report_unreachable(f"it hasn't answered within {self._patience:g} seconds")

    def _report_unreachable(self, reason: str) -> None:
        self._listener.unreachable(self.model, reason)

    def _is_new(self, cause: str) -> bool:
        """Whether the cause hasn't been reported since the last recovery."""
        is_new = cause not in self._reported
        self._reported.add(cause)
        return is_new

    def _recover(self) -> None:
        self.fault = self._refused_at = None
        self._reported.clear()


def _has_elapsed(since: float | None, now: float, seconds: float) -> bool:
    """Whether `seconds` have passed; also if the clock went back, as it may in a process restored from a snapshot."""
    return since is None or not 0 <= now - since < seconds
