"""A shop whose version 1 explores, and whose users click an item at a place with a known chance."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
from obstore.store import MemoryStore

from mlops.artifact.recommender.answering import POOL, EventTuple
from mlops.artifact.recommender.histories import hash_user
from mlops.monitoring.off_line.replay import ReplayedVersion
from mlops.recommend.models import DenseItems
from mlops.records.events import EventLine, store_events
from mlops.records.layout import RECOMMENDATION, day_prefix
from mlops.records.window import Window
from mlops.records.write import put_once
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions
from mlops.serving.recommend.exploration import Exploration
from tests.unit.mlops.serving.recommend.shop import IDS, ITEMS, KEY, SHOP, SOLD_OUT, put_shop

K = 3
CLICKS = ("view",)
KEPT = timedelta(days=30)
BEGIN = datetime(2026, 11, 24, 9, tzinfo=UTC)
STRETCH = Window(BEGIN, BEGIN + timedelta(days=2))
CHANCES = np.linspace(0.05, 0.6, ITEMS)
"""Of a click on each item at the first place; each next place gets 0.7 times as many."""


class ExploredShop:
    """Version 1 answers, and explores in a `share` of its answers; version 2 is another one of the same items."""

    def __init__(self, share: float, users: int = 300, rounds: int = 3, seed: int = 0) -> None:
        self.registry, self.records = MemoryStore(), MemoryStore()
        self.versions = Versions(self.registry, SHOP)
        # Having item i makes version 2 show items far ahead.
        other = np.eye(ITEMS, k=4) + 0.5 * np.eye(ITEMS, k=6) + np.eye(ITEMS, k=-3)
        self.manifests = tuple(
            put_shop(self.registry, number, items=items)
            for number, items in ((1, None), (2, DenseItems(other.astype(np.float32))))
        )
        self.rng = np.random.default_rng(seed)
        self.random = Random(seed)
        self.exploration = Exploration(share, self.random.random, self.random.sample)
        self.replayed = [ReplayedVersion(self.versions, each, KEY.encode()) for each in self.manifests]
        self.events: dict[str, list[EventTuple]] = defaultdict(list)
        self.expected: dict[int, list[float]] = {1: [], 2: []}
        self._made = 0
        self._users = [hash_user("customer", f"user {number}", KEY.encode()).hex() for number in range(users)]
        self._happen(BEGIN - timedelta(days=3), [(user, self._draw_item(), None, None) for user in self._users])
        for number in range(rounds):
            self._answer_all(BEGIN + number * timedelta(hours=5))

    @property
    def pair(self) -> tuple[RecommenderManifest, RecommenderManifest]:
        first, second = self.manifests
        return first, second

    def chance(self, item: str, place: int) -> float:
        """Of a click."""
        return float(CHANCES[IDS.index(item)] * 0.7**place)

    def value(self, version: int) -> float:
        """The clicks by place that a version would have had, at the places that both could have filled."""
        return float(np.mean(self.expected[version]))

    def write(self, at: datetime, lines: Iterable[dict[str, Any]]) -> None:
        """Records of answers."""
        self._made += 1
        content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        put_once(
            self.records,
            f"{day_prefix(RECOMMENDATION, SHOP, at.date())}{self._made}.json.gz",
            gzip.compress(content, mtime=0),
        )

    def _draw_item(self) -> str:
        return IDS[int(self.rng.integers(SOLD_OUT - 4))]

    def _answer_all(self, at: datetime) -> None:
        lines, clicked = [], []
        for user in self._users:
            pool = self.replayed[0].rank(user, self.events[user], POOL * K)
            other = self.replayed[1].rank(user, self.events[user], K)
            chosen = self.exploration.choose(len(pool), K)
            items = [pool[place] for place in chosen.places]
            for place, (first, second) in enumerate(zip(pool, other, strict=False)):
                if second in pool:
                    self.expected[1].append(self.chance(first, place))
                    self.expected[2].append(self.chance(second, place))
            name = f"{at:%d%H}-{user}"
            lines.append(
                make_line(
                    name,
                    at,
                    user,
                    items,
                    propensities=[*chosen.propensities],
                    explored=chosen.explored,
                    history={"recent": len(self.events[user])},
                )
            )
            clicked += [
                (user, item, name, place + 1)
                for place, item in enumerate(items)
                if self.rng.random() < self.chance(item, place)
            ]
        self.write(at, lines)
        self._happen(at + timedelta(minutes=10), clicked)

    def _happen(self, at: datetime, events: Sequence[tuple[str, str, str | None, int | None]]) -> None:
        store_events(
            self.records,
            SHOP,
            [
                EventLine(
                    id=f"{at:%d%H}-{number}",
                    item=item,
                    event="view",
                    time=at,
                    user=user,
                    recommendation_id=answer,
                    position=position,
                )
                for number, (user, item, answer, position) in enumerate(events)
            ],
            at,
        )
        for user, item, _, _ in events:
            self.events[user].append((item, "view", round(at.timestamp() * 1000), None))


def make_line(name: str, at: datetime, user: str | None, items: list[str], **more: Any) -> dict[str, Any]:
    """A record of an answer by version 1."""
    return {
        "record": "recommendation",
        "model": SHOP,
        "timestamp": at.isoformat(timespec="milliseconds"),
        "model_version": 1,
        "role": "champion",
        "recommendation_id": name,
        "basis": "history",
        "k": K,
        "items": items,
        "propensities": [1.0] * len(items),
        "explored": False,
        "history": {},
        "unavailable": [],
        "unknown_items": 0,
        **({} if user is None else {"user": user}),
        **more,
    }
