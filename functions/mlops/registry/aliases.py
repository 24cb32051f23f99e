"""Aliases: names that point at a version, moved by one conditional write, with their history."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import obstore
from obstore.exceptions import AlreadyExistsError, NotModifiedError, PreconditionError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.errors.registry import AliasInvalid, AliasMoved, AliasNotFound
from mlops.registry.store import Store, put_json

if TYPE_CHECKING:
    from obstore import UpdateVersion

CHAMPION = "champion"
CHALLENGER = "challenger"

type Action = Literal["promotion", "rollback", "withdrawal", "acceptance"]
OUT_OF_SERVICE: tuple[Action, ...] = ("withdrawal", "acceptance")
"""The moves from which on an alias is out of service."""
type Undecided = Literal["withdraw", "promote"]


class Canary(BaseModel):
    """A challenger's trial as the next champion: it's compared with version `against`, until `until` at the latest.

    `moves` is how often the champion had been moved when the trial began: with the next move the trial is over.
    `undecided` is what becomes of the version if nothing is decided by then; None: what the model's spec says.
    """

    model_config = ConfigDict(frozen=True)

    against: int
    moves: int
    until: datetime
    undecided: Undecided | None = None


class Move(BaseModel):
    """One change of an alias: where to, where from, when, who and why.

    A rollback goes back to what was before; from a withdrawal on, the alias is out of service, and so it is from an
    acceptance on: then its version is to be champion. `share` is the part of a challenger's traffic that it answers
    itself, for a `canary` until that is over.
    """

    model_config = ConfigDict(frozen=True)

    version: int
    previous: int | None
    at: datetime
    by: str
    why: str
    action: Action = "promotion"
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    canary: Canary | None = None


class Alias(BaseModel):
    """The version that an alias points at, and its history, oldest first. `tag` identifies this state of it."""

    model_config = ConfigDict(frozen=True)

    history: Annotated[tuple[Move, ...], Field(min_length=1)]
    tag: str | None = Field(default=None, exclude=True)

    @property
    def version(self) -> int:
        """The version it points at now."""
        return self.history[-1].version

    @property
    def share(self) -> float:
        """The part of the traffic that a challenger answers itself now."""
        return self.history[-1].share

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken out of service."""
        return self.history[-1].action in OUT_OF_SERVICE

    @property
    def canary(self) -> Canary | None:
        """The trial that it is in by its last move."""
        return None if self.withdrawn else self.history[-1].canary

    @property
    def predecessor(self) -> int | None:
        """The version that it pointed at before this one was promoted, as often as that was rolled back since.

        Of a version that was never promoted, to which a rollback went by its number: the one before it came first.
        """
        here = [move for move in self.history if move.version == self.version]
        return next((move for move in reversed(here) if move.action == "promotion"), here[0]).previous


class Aliases:
    """The aliases of one model in a store."""

    def __init__(self, store: Store, model: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self.now = now
        self.model = model

    def read(self, name: str, unless: str | None = None) -> Alias | None:
        """The alias, or None if its tag is still `unless`. Raises AliasNotFound, or AliasInvalid for a damaged file."""
        try:
            found = obstore.get(self._store, self._path(name), options={"if_none_match": unless} if unless else None)
        except NotModifiedError:
            return None
        except FileNotFoundError:
            raise AliasNotFound(self.model, name) from None
        try:
            alias = Alias.model_validate_json(bytes(found.bytes()))
        except ValidationError as error:
            raise AliasInvalid(self.model, name, error.errors()[0]["msg"]) from error
        return alias.model_copy(update={"tag": found.meta["e_tag"]})

    def names(self) -> list[str]:
        """The aliases that exist, sorted."""
        listing = obstore.list_with_delimiter(self._store, f"{self.model}/aliases")
        return sorted(entry["path"].rpartition("/")[2].removesuffix(".json") for entry in listing["objects"])

    def find(self, name: str, seen_moves: int | None = None) -> Alias | None:
        """The alias, or None if it was never set. Raises AliasInvalid for a damaged file.

        With `seen_moves`, the length of the history that a decision was made about, AliasMoved is raised if it has
        another one by now.
        """
        try:
            found = self.read(name)
        except AliasNotFound:
            found = None
        if seen_moves is not None and seen_moves != len(found.history if found else ()):
            raise AliasMoved(self.model, name)
        return found

    def move(
        self,
        name: str,
        version: int,
        *,
        by: str,
        why: str,
        seen: Alias | None,
        action: Action = "promotion",
        share: float = 0.0,
        canary: Canary | None = None,
    ) -> Alias:
        """Point the alias at a version, provided it is still as it was `seen` (None: it didn't exist).

        Raises AliasMoved if somebody else moved it in the meantime.
        """
        past = seen.history if seen else ()
        previous = seen.version if seen else None
        step = Move(
            version=version,
            previous=previous,
            at=self.now(),
            by=by,
            why=why,
            action=action,
            share=share,
            canary=canary,
        )
        alias = Alias(history=(*past, step))
        condition: Literal["create"] | UpdateVersion = {"e_tag": seen.tag} if seen else "create"
        document = {"version": version, **alias.model_dump(mode="json")}
        try:
            tag = put_json(self._store, self._path(name), document, condition)
        except (AlreadyExistsError, PreconditionError):
            raise AliasMoved(self.model, name) from None
        return alias.model_copy(update={"tag": tag})

    def _path(self, name: str) -> str:
        return f"{self.model}/aliases/{name}.json"
