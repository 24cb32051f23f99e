"""The interaction contract: what a recommender learns from, and the events that it takes as feedback."""

import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mlops.contract import Column, Privacy

EVENT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9 _.:/-]{0,62}[a-z0-9])?")
"""What events may be called; names are compared in small letters."""

type ColumnName = Annotated[str, Field(min_length=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rating(_Frozen):
    """A column of numbers that some events have, such as stars.

    `minimum` and `maximum` are inclusive. A rating below `like_from` says that the item was seen, and no more; one
    below `dislike_below` is a dislike. Without them a rating counts as any other event does.
    """

    column: ColumnName
    minimum: float
    maximum: float
    like_from: float | None = None
    dislike_below: float | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.minimum >= self.maximum:
            raise ValueError(f"rating {self.column!r}: minimum {self.minimum} isn't below maximum {self.maximum}")
        for name in ("like_from", "dislike_below"):
            limit = getattr(self, name)
            if limit is not None and not self.minimum < limit <= self.maximum:
                raise ValueError(
                    f"rating {self.column!r}: {name} is {limit}, and must be above the minimum and within the range"
                )
        if self.like_from is not None and self.dislike_below is not None and self.dislike_below > self.like_from:
            raise ValueError(f"rating {self.column!r}: dislike_below {self.dislike_below} is above like_from")
        return self


class InteractionContract(_Frozen):
    """The columns of a dataset of interactions, and what each event says of its user's taste.

    `events` are the weights of events by name: above 0 the user prefers the item, the more the larger; 0: the user
    knows it; below 0: dislikes it; None: it was shown, which says nothing of taste. Without the column `event` there is
    one event, which every row is. `time` may be missing: rows are then in the order of time.

    Ids are texts without white space around them, and a whole number is one id however it's spelled: see
    `mlops.artifact.identifiers`. With `fold_case`, letters' case, the length of inner spaces, invisible characters and
    the composition of accents don't tell ids apart. `user_privacy` decides what of a user's id may reach a log.
    """

    user: ColumnName
    item: ColumnName
    time: ColumnName | None = None
    event: ColumnName | None = None
    rating: Rating | None = None
    events: Annotated[dict[str, float | None], Field(min_length=1)]
    fold_case: bool = False
    user_privacy: Privacy = "hash"

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise ValueError(f"duplicate columns: {', '.join(twice)}")
        odd = [name for name in self.events if not EVENT_NAME.fullmatch(name)]
        if odd:
            raise ValueError(
                f"events {', '.join(map(repr, odd))}: a name has small letters and digits, and between them spaces and "
                "_ . : / -"
            )
        if not any(weight is not None and weight > 0 for weight in self.events.values()):
            raise ValueError("no event has a weight above 0, so nothing could be learnt from them")
        if self.event is None and len(self.events) > 1:
            raise ValueError(f"{len(self.events)} events, and no column that says which of them a row is")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, in order."""
        rating = self.rating.column if self.rating else None
        return tuple(name for name in (self.user, self.item, self.time, self.event, rating) if name is not None)

    @property
    def user_column(self) -> Column:
        """The user's column as the privacy rule reads it."""
        return Column(name=self.user, kind="category", privacy=self.user_privacy)

    @property
    def only_event(self) -> str | None:
        """The event that every row is, where no column says which."""
        return next(iter(self.events)) if self.event is None else None

    def weigh(self, event: str, rating: float | None = None) -> float | None:
        """What an event says of its user's taste: a weight as in `events`. Raises KeyError for an unknown event."""
        weight = self.events[event]
        if rating is None or self.rating is None or weight is None:
            return weight
        if self.rating.dislike_below is not None and rating < self.rating.dislike_below:
            return -abs(weight)
        if self.rating.like_from is not None and rating < self.rating.like_from:
            return 0.0
        return weight
