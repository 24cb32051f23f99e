"""Who redrove what, when and why: an object each, `operations/<subject>/<number>.json` in the records bucket.

Numbers are claimed by conditional creates, so of two people who saw the same history one is refused.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Self

import obstore
from obstore.exceptions import AlreadyExistsError
from pydantic import AwareDatetime, BaseModel, ConfigDict

from mlops.errors.operations import RedriveOvertaken
from mlops.registry.store import Store, put_json

PREFIX = "operations/"


class Redrive(BaseModel):
    """A redrive: of a queue's dead letters, or of a batch's chunks. `what` is what came of it."""

    model_config = ConfigDict(frozen=True)

    number: int
    at: AwareDatetime
    by: str
    why: str
    what: str

    @classmethod
    def read(cls, content: bytes) -> Self:
        """The redrive in an object."""
        return cls.model_validate_json(content)


class History:
    """The redrives of all subjects, such as `queues/train` and `batches/<name>`."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def list(self, subject: str) -> list[Redrive]:
        """The redrives of a subject, the oldest first."""
        found = sorted(each["path"] for page in obstore.list(self._store, f"{PREFIX}{subject}/") for each in page)
        return [Redrive.read(bytes(obstore.get(self._store, path).bytes())) for path in found]

    def redrive(self, subject: str, start: Callable[[], str], *, by: str, why: str, seen: int | None = None) -> Redrive:
        """Record a redrive and `start` it, which returns what it did; returns the record.

        `seen` is how many redrives whoever decides it has seen. Raises RedriveOvertaken if there's another by now, and
        what `start` raises, which is recorded too.
        """
        number = len(self.list(subject)) if seen is None else seen
        path = f"{PREFIX}{subject}/{number + 1:06d}.json"
        claim = Redrive(number=number + 1, at=self._now(), by=by, why=why, what="begun")
        try:
            put_json(self._store, path, claim.model_dump(mode="json"), "create")
        except AlreadyExistsError:
            raise RedriveOvertaken(subject) from None
        try:
            what = start()
        except Exception as error:
            self._write(path, claim.model_copy(update={"what": f"it couldn't be done: {error}"}))
            raise
        done = claim.model_copy(update={"what": what})
        self._write(path, done)
        return done

    def _write(self, path: str, redrive: Redrive) -> None:
        obstore.put(self._store, path, redrive.model_dump_json(indent=2).encode())
