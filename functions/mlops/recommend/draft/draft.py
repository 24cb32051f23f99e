"""A whole dataset's interaction contract, and everything that a person should look at before the first training."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
import pyarrow as pa

from mlops.errors.data import DatasetRejected
from mlops.errors.training import SpecInvalid
from mlops.interactions import Rating
from mlops.recommend.data.columns import read_events, read_ids, read_numbers
from mlops.recommend.data.load import TIMES, InteractionData, check_table
from mlops.recommend.draft.columns import Roles, find_roles
from mlops.recommend.interactions import Interactions
from mlops.spec import RecommenderSpec

WEIGHTS: dict[float | None, tuple[str, ...]] = {
    None: ("show", "impression", "expos", "display"),
    -1.0: ("dislike", "hide", "remove", "return", "refund", "unlike", "skip", "downvote"),
    4.0: ("purchase", "buy", "bought", "order", "transaction", "pay", "checkout", "sale"),
    3.0: ("basket", "cart", "favorite", "favourite", "fav", "wish", "like", "save", "bookmark", "share"),
    1.0: ("view", "click", "visit", "read", "watch", "play", "listen", "open", "detail", "pv"),
}
"""Weights of events by a part of their name; the first that fits holds."""
LEAST_KNOWN = 0.5
"""With a smaller share of known users among the latest ones, they say little about recommendations by history."""
LIKED = 0.6
"""From so far up its scale on a rating means that the item is liked."""
_ROOM = 0.5  # of what there is, the least that there must be: the next dataset may be smaller


@dataclass(frozen=True, kw_only=True)
class InteractionDraft:
    """What was inferred of a dataset of interactions. `notes` are sentences on what to look at."""

    name: str
    roles: Roles
    events: dict[str, float | None]
    rating: Rating | None
    ignored: tuple[str, ...]
    split: Literal["time", "users"]
    limits: dict[str, int]
    notes: tuple[str, ...] = ()

    def to_spec(self) -> RecommenderSpec:
        """The spec that this would be."""
        return RecommenderSpec(
            name=self.name,
            user=self.roles.user,
            item=self.roles.item,
            time=self.roles.time,
            event=self.roles.event,
            rating=self.rating,
            events=self.events,
            ignored=self.ignored,
            split=self.split,
            floors={},
            **self.limits,  # type: ignore[arg-type] # each is a number's field
        )


def draft_interactions(table: pa.Table, name: str, now: datetime) -> InteractionDraft:
    """What the dataset seems to be. Raises DatasetRejected if no columns could be users and items."""
    roles = find_roles(table)
    events, unknown = _weigh_events(table, roles)
    used = {roles.user, roles.item, roles.time, roles.event, roles.rating}
    made = InteractionDraft(
        name=name,
        roles=roles,
        events=events,
        rating=_draft_rating(table, roles),
        ignored=tuple(each for each in table.column_names if each not in used),
        split="time" if roles.time else "users",
        limits=_draft_limits(table, roles),
    )
    notes = []
    if made.split == "time" and _has_one_time(table, made, now):
        made = replace(made, split="users")
        notes.append("Most rows have the earliest time: some users are held out, in place of the latest rows (split).")
    try:
        found = check_table(table, made.to_spec(), now)
    except (DatasetRejected, SpecInvalid) as error:
        notes.append(f"It would be refused as it is: {error.reason}.")
    else:
        notes += _note_rows(found, table.num_rows)
        if made.split == "time" and (share := known_share(found.interactions)) < LEAST_KNOWN:
            made = replace(made, split="users")
            notes.append(
                f"Only {share:.0%} of the users of the latest fifth did anything before: some users are held out, "
                "since the latest interactions would test what is popular and little else (split)."
            )
    return replace(made, notes=(*notes, *_note_columns(made, unknown)))


def _has_one_time(table: pa.Table, made: InteractionDraft, now: datetime) -> bool:
    """Whether the dataset is refused since too many of its rows have the earliest time."""
    try:
        check_table(table, made.to_spec(), now)
    except (DatasetRejected, SpecInvalid) as error:
        return isinstance(error, DatasetRejected) and any(each.rule == TIMES for each in error.violations)
    return False


def known_share(interactions: Interactions) -> float:
    """The share of the users of the latest fifth of the interactions who had some before."""
    is_late = interactions.time >= np.quantile(interactions.time, 1 - RecommenderSpec.test_share)
    late = np.unique(interactions.user[is_late])
    return float(np.isin(late, interactions.user[~is_late]).mean())


def _note_rows(found: InteractionData, count: int) -> Iterator[str]:
    yield from found.remarks
    if left_out := len(found.rejected.rows):
        groups = ", ".join(f"{group.count:,} by {group.rule!r}" for group in found.rejected.groups)
        yield f"{left_out:,} of {count:,} rows would be left out: {groups}."


def _weigh_events(table: pa.Table, roles: Roles) -> tuple[dict[str, float | None], list[str]]:
    """The weight of each event, and the names that say nothing of it."""
    if roles.event is None:
        return {"rating" if roles.rating else "interaction": 1.0}, []
    names = [text for text in read_events(table[roles.event]).texts.tolist() if text]
    found: dict[str, float | None] = {}
    unknown = []
    for name in names:
        fitting = [weight for weight, parts in WEIGHTS.items() if any(part in name for part in parts)]
        found[name] = fitting[0] if fitting else 1.0
        if not fitting:
            unknown.append(name)
    if not any(weight is not None and weight > 0 for weight in found.values()):
        found = {name: 1.0 if weight is None else weight for name, weight in found.items()}
    order = sorted(found, key=lambda name: (found[name] is not None, found[name] or 0.0))
    return {name: found[name] for name in order}, unknown


def _draft_rating(table: pa.Table, roles: Roles) -> Rating | None:
    if roles.rating is None:
        return None
    numbers, missing, unreadable = read_numbers(table[roles.rating])
    known = np.unique(numbers[~missing & ~unreadable])
    low, high = float(known[0]), float(known[-1])
    liked = known[known >= low + LIKED * (high - low)]
    return Rating(column=roles.rating, minimum=low, maximum=high, like_from=float(liked[0]))


def _draft_limits(table: pa.Table, roles: Roles) -> dict[str, int]:
    """Limits of the spec that this dataset is too small for: half of what there is."""
    counts = {
        "min_rows": table.num_rows,
        "min_users": len(read_ids(table[roles.user], fold_case=False).texts),
        "min_items": len(read_ids(table[roles.item], fold_case=False).texts),
    }
    usual = {
        "min_rows": RecommenderSpec.min_rows,
        "min_users": RecommenderSpec.min_users,
        "min_items": RecommenderSpec.min_items,
    }
    limits = {name: max(2, int(_ROOM * count)) for name, count in counts.items() if _ROOM * count < usual[name]}
    if limits.get("min_items", usual["min_items"]) <= RecommenderSpec.k:
        limits["k"] = max(1, limits["min_items"] - 1)
    return limits


def _note_columns(made: InteractionDraft, unknown: list[str]) -> Iterator[str]:
    """What to look at in the columns, the weightiest first."""
    for column in made.roles.guessed:
        yield f"{column!r} is taken for what it is by its look alone: check it."
    if unknown:
        yield f"The names of {', '.join(map(repr, unknown))} say nothing of how much they mean: their weight is 1."
    if made.rating and made.rating.like_from is not None:
        yield (
            f"Ratings of {made.rating.like_from:g} or more mean that an item is liked, lower ones that it's known: "
            "change like_from if they don't."
        )
    if made.ignored:
        yield f"Ignored: {', '.join(made.ignored)}."
    if made.roles.time is None:
        yield "No column is a time: held out are some of the users, instead of the latest interactions."
