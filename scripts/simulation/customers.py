"""A day of a shop's customers: what they are recommended, what of it they click, and what else they do.

They are the people of the example's shop, whose taste is known; so it's known, too, how often they would click.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from examples.shop import Shop, item_id, user_id
from simulation.traffic import Api

SHOWN = 5
"""Items of an answer."""
_EVENTS_A_REQUEST = 500
_PICKY = 0.9  # of the items that somebody likes less than the one whose click has half of the greatest chance
_CLICK, _FADE = 0.25, 0.85  # the greatest chance of a click, and of looking at the next position


class ShopApi(Api):
    """The API of a recommender."""

    def recommend(
        self, user: str, count: int = SHOWN, version: int | None = None, *, explain: bool = False
    ) -> dict[str, Any]:
        """What a user is recommended, by the champion or a version. Raises CommandError."""
        path = f"/models/{self.model}" + (f"/versions/{version}" if version else "") + "/recommend"
        body = {"user": user, "k": count}
        answer: dict[str, Any] = self._answer("POST", f"{path}?explain=true" if explain else path, body)
        return answer

    def report(self, events: Sequence[dict[str, Any]]) -> None:
        """Report what users did. Raises CommandError."""
        for start in range(0, len(events), _EVENTS_A_REQUEST):
            body = {"events": events[start : start + _EVENTS_A_REQUEST]}
            self._answer("POST", f"/models/{self.model}/feedback", body)


@dataclass(frozen=True)
class Day:
    """A day's answers, those with a click, the events reported, and the versions that answered."""

    answers: int
    clicked: int
    events: int
    versions: list[int]


@dataclass(frozen=True)
class Customers:
    """Customers of a shop; the same seed draws the same.

    Before they ask they visit each of `visited`, such as the whole shop and, as people are curious, what's new in it.
    """

    shop: Shop
    api: ShopApi
    seed: int
    visited: tuple[Shop, ...]

    def come(self, number: int, count: int, at: datetime) -> Day:
        """A day (1 is the first) on which so many people come, at a time of the stack's clock."""
        random = np.random.default_rng([self.seed, number])
        events: list[dict[str, Any]] = []
        clicked, versions = 0, set()
        for user in random.choice(self.shop.users, count, replace=False).tolist():
            answer = self.api.recommend(user_id(user))
            clicks = [*self._click(user, answer, at, random)]
            clicked += bool(clicks)
            versions.add(int(answer["version"]))
            events += clicks
            events += self._look_around(user, f"{number}-{user}", at, random)
        self.api.report(events)
        return Day(count, clicked, len(events), sorted(versions))

    def expect_clicks(self, count: int, version: int) -> float:
        """The share of so many people, always the same, who would click an item of what a version answers now."""
        users = np.random.default_rng([self.seed, 0]).choice(self.shop.users, count, replace=False).tolist()
        answers = [self.api.recommend(user_id(user), version=version) for user in users]
        chances = [self._chances(user, answer) for user, answer in zip(users, answers, strict=True)]
        return float(np.mean([1 - np.prod(1 - each) for each in chances]))

    @cached_property
    def _interest(self) -> NDArray[np.float64]:
        """The chance that each person who sees an item clicks it [U, I]."""
        likes = self.shop.affinities
        interest: NDArray[np.float64] = _CLICK / (1 + np.exp(np.quantile(likes, _PICKY, axis=1, keepdims=True) - likes))
        return interest

    def _chances(self, user: int, answer: dict[str, Any]) -> NDArray[np.float64]:
        """The chance of a click of each item of an answer."""
        places = [int(each["item"][1:]) for each in answer["items"]]
        chances: NDArray[np.float64] = self._interest[user, places] * _FADE ** np.arange(len(places))
        return chances

    def _click(
        self, user: int, answer: dict[str, Any], at: datetime, random: np.random.Generator
    ) -> Iterator[dict[str, Any]]:
        chances = self._chances(user, answer)
        for place in np.flatnonzero(random.random(len(chances)) < chances).tolist():
            name = answer["recommendation_id"]
            yield {
                "id": f"{name}-{place}",
                "user": user_id(user),
                "item": answer["items"][place]["item"],
                "event": "click",
                "time": at.isoformat(),
                "recommendation_id": name,
                "position": place + 1,
            }

    def _look_around(
        self, user: int, visit: str, at: datetime, random: np.random.Generator
    ) -> Iterator[dict[str, Any]]:
        """What somebody does on the day before they ask, led by nothing but their taste."""
        starts = (at - timedelta(hours=hours) for hours in range(len(self.visited), 0, -1))
        visits = (shop.visit(user, start, random) for shop, start in zip(self.visited, starts, strict=True))
        for place, event in enumerate(chain.from_iterable(visits)):
            yield {
                "id": f"{visit}-{place}",
                "user": user_id(event.user),
                "item": item_id(event.item),
                "event": event.event,
                "time": event.time.isoformat(),
            }
