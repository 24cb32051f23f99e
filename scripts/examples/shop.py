"""A shop that doesn't exist, with people whose taste is known: what they view, put in the basket, buy and dislike.

Everything follows from the seed. A person's taste is a weight for each category and a direction among the items'
traits; what they look at depends on that and on how popular an item is. So it's known how well one could recommend.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examples.table import write_table

OPENED = datetime(2025, 3, 1, tzinfo=UTC)
EVENTS = ("view", "basket", "purchase", "dislike")
CATEGORIES = {
    "kitchen": ("pan", "kettle", "grater", "whisk"),
    "books": ("novel", "atlas", "cookbook", "biography"),
    "garden": ("spade", "hose", "lantern", "planter"),
    "sports": ("ball", "mat", "racket", "bottle"),
    "toys": ("puzzle", "kite", "train", "robot"),
    "shoes": ("boot", "sandal", "sneaker", "slipper"),
    "music": ("drum", "guitar", "flute", "songbook"),
    "office": ("pen", "lamp", "notebook", "stapler"),
}
_LOOKS = ("red", "blue", "green", "white", "black", "wooden", "steel", "small", "large", "folding")
_TRAITS = 4
_TASTE, _TRAIT = 1.6, 1.2  # how much category and traits matter, against popularity
_BASKET, _PURCHASE, _DISLIKE = 0.25, 0.4, 0.03  # of a view, of a basket, of a view and no more


@dataclass(frozen=True)
class Event:
    """One act of a person: the user's and item's numbers, when, and which of EVENTS."""

    user: int
    item: int
    time: datetime
    event: str


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A shop with `items` things and `users` people who come for `days` days, `visits` times on average.

    It doesn't have the categories that are `absent`; tastes, titles and ids are the same without them.
    """

    users: int = 600
    items: int = 240
    days: int = 90
    visits: float = 7.0
    seed: int = 7
    opened: datetime = OPENED
    absent: tuple[str, ...] = ()

    @cached_property
    def categories(self) -> NDArray[np.int64]:
        """The category of each item [I]."""
        return np.arange(self.items) % len(CATEGORIES)

    @cached_property
    def affinities(self) -> NDArray[np.float64]:
        """How much each person likes each item [U, I], popularity apart: what a perfect recommender would know."""
        random = np.random.default_rng([self.seed, 1])
        tastes = np.log(random.dirichlet(np.full(len(CATEGORIES), 0.35), self.users) + 0.01)
        traits = random.normal(size=(self.items, _TRAITS)) / np.sqrt(_TRAITS)
        directions = random.normal(size=(self.users, _TRAITS))
        affinities: NDArray[np.float64] = _TASTE * tastes[:, self.categories] + _TRAIT * directions @ traits.T
        return affinities

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """The logarithm of how often each item would be looked at by people without taste [I]."""
        random = np.random.default_rng([self.seed, 2])
        return -0.8 * np.log1p(random.permutation(self.items))

    @cached_property
    def chances(self) -> NDArray[np.float64]:
        """The chance that a look of each person is at each item [U, I]."""
        weights = np.exp(self.affinities + self.popularity) * self.present
        chances: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
        return chances

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which items the shop has [I]."""
        return np.array([self.category(item) not in self.absent for item in range(self.items)])

    @cached_property
    def available(self) -> NDArray[np.bool_]:
        """Which items may be recommended [I]: one in 40 is sold out."""
        return np.not_equal(np.arange(self.items) % 40, 17)

    def title(self, item: int) -> str:
        """What an item is called."""
        nouns = CATEGORIES[self.category(item)]
        number = item // len(CATEGORIES)
        return f"{_LOOKS[number // len(nouns) % len(_LOOKS)]} {nouns[number % len(nouns)]}"

    def category(self, item: int) -> str:
        """The name of an item's category."""
        return [*CATEGORIES][int(self.categories[item])]

    def events(self) -> list[Event]:
        """Everything that people did, in the order of time."""
        random = np.random.default_rng([self.seed, 3])
        found = [event for user in range(self.users) for event in self._visits(user, random)]
        return sorted(found, key=lambda event: (event.time, event.user, event.item))

    def _visits(self, user: int, random: np.random.Generator) -> Iterator[Event]:
        for _ in range(1 + random.poisson(self.visits - 1)):
            start = self.opened + timedelta(seconds=int(random.integers(self.days * 86_400)))
            yield from self.visit(user, start, random)

    def visit(self, user: int, start: datetime, random: np.random.Generator) -> Iterator[Event]:
        """What a person does who comes at a time: looks at some items, and what follows from it."""
        count = 1 + random.poisson(3)
        looked = random.choice(self.items, size=count, replace=False, p=self.chances[user])
        for place, item in enumerate(looked.tolist()):
            yield from self._look(user, item, start + timedelta(seconds=45 * place), random)

    def _look(self, user: int, item: int, time: datetime, random: np.random.Generator) -> Iterator[Event]:
        """A view, and what follows from it: the more an item is liked, the more often it's bought."""
        liked = 1 / (1 + np.exp(-(self.affinities[user, item] - np.median(self.affinities[user]))))
        yield Event(user, item, time, "view")
        if random.random() < 2 * _BASKET * liked:
            yield Event(user, item, time + timedelta(seconds=15), "basket")
            if random.random() < _PURCHASE:
                yield Event(user, item, time + timedelta(seconds=30), "purchase")
        elif random.random() < _DISLIKE:
            yield Event(user, item, time + timedelta(seconds=15), "dislike")


def write_shop(folder: Path, shop: Shop | None = None) -> Path:
    """Write recommender.csv, what people did, and items.csv, the catalogue, into a folder; returns the former."""
    shop = shop or Shop()
    write_catalog(folder, shop)
    rows = (
        (user_id(each.user), item_id(each.item), f"{each.time:%Y-%m-%dT%H:%M:%SZ}", each.event)
        for each in shop.events()
    )
    return write_table(folder / "recommender.csv", ("user", "item", "time", "event"), rows)


def write_catalog(folder: Path, shop: Shop) -> Path:
    """Write items.csv, the catalogue, into a folder."""
    catalog = (
        (item_id(item), shop.title(item), shop.category(item), str(bool(shop.available[item])).lower())
        for item in np.flatnonzero(shop.present).tolist()
    )
    return write_table(folder / "items.csv", ("item", "title", "category", "available"), catalog)


def user_id(number: int) -> str:
    """A person's id in the files."""
    return f"u{number:05}"


def item_id(number: int) -> str:
    """An item's id in the files."""
    return f"i{number:04}"
