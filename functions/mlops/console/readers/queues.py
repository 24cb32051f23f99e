"""Queues and their dead letters, as they were some seconds ago."""

from dataclasses import dataclass

from mlops.console.readers.cache import Cache
from mlops.console.readers.registry import SECONDS
from mlops.operations.history import History, Redrive
from mlops.operations.letters import Letter
from mlops.operations.queues import SUBJECT, Move, Queues, State, redrive_letters


@dataclass(frozen=True)
class QueueDetails:
    """One queue: what is in it, some dead letters, the moves that SQS knows of, and who redrove them, newest first."""

    state: State
    letters: list[Letter]
    moves: list[Move]
    redrives: list[Redrive]


class QueueReader:
    """Reads the queues of the stack."""

    def __init__(self, queues: Queues, history: History, cache: Cache) -> None:
        self._queues, self._history, self._cache = queues, history, cache

    def states(self) -> list[State]:
        """What is in each queue."""
        return self._cache.get(("queues",), SECONDS, self._queues.states)

    def details(self, name: str) -> QueueDetails:
        """One queue. Raises QueueNotFound."""
        self._queues.place(name)
        return self._cache.get(("queue", name), SECONDS, lambda: self._read(name))

    def redrive(self, name: str, *, by: str, why: str, seen: int) -> Redrive:
        """Move a queue's dead letters back to it. Raises QueueNotFound, RedriveRefused and RedriveOvertaken."""
        try:
            return redrive_letters(self._queues, self._history, name, by=by, why=why, seen=seen)
        finally:
            for key in (("queues",), ("queue", name)):
                self._cache.forget(key)

    def _read(self, name: str) -> QueueDetails:
        (state,) = (each for each in self.states() if each.place.name == name)
        return QueueDetails(
            state=state,
            letters=self._queues.letters(name),
            moves=self._queues.moves(name),
            redrives=self._history.list(f"{SUBJECT}/{name}")[::-1],
        )
