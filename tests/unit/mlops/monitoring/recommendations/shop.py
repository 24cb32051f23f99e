"""A recommender in memory that is monitored: its answers as Firehose writes them, its events as the API stores them."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from obstore.store import MemoryStore

from mlops.monitoring.archive import Archive
from mlops.monitoring.canary.trials import Canaries
from mlops.monitoring.flow import MonitoringRun, Progress
from mlops.monitoring.learning.learner import Learner
from mlops.monitoring.log import MonitoringLog
from mlops.monitoring.outbox import Outbox
from mlops.monitoring.recommendations.look import RecommenderMonitor
from mlops.monitoring.recommendations.page import PageRenderer
from mlops.monitoring.recommender_facts import RecommenderFacts
from mlops.monitoring.retraining.assembly import Assembly
from mlops.monitoring.state import States
from mlops.records.events import EventLine, store_events
from mlops.records.layout import RECOMMENDATION, day_prefix
from mlops.records.window import Window
from mlops.records.write import put_once
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions
from mlops.spec import RecommenderSpec
from mlops.spec.recommender import Learning
from mlops.telemetry import make_logger
from mlops.tracking.mirror import NoMirror
from tests.unit.mlops.monitoring.world import DELAY, LEASE, FakeAnnouncer, FakeBucket, ScriptedLooks, make_id
from tests.unit.mlops.monitoring.world import restart_tests as keep_tests
from tests.unit.mlops.registry.samples import FILES, make_recommender_manifest

MODEL = "shop"
FIRST = datetime(2026, 11, 1, 0, tzinfo=UTC)
EVENTS = {"shown": None, "click": 1.0, "purchase": 4.0, "dislike": -1.0}
ITEMS = tuple(f"i{number}" for number in range(20))
LAST = "user,item,at,event\nann,i1,2026-10-01T10:00:00Z,click\n"


def day(number: int) -> Window:
    """The n-th day since the recommender serves, from 0."""
    return Window.of_day((FIRST + timedelta(days=number)).date())


@dataclass
class MonitoredShop:
    """A recommender with one version, whose users are kept as they are."""

    learning: Learning = field(default_factory=lambda: Learning(every_days=365, min_events=2))
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.registry, self.records = MemoryStore(), MemoryStore()
        self.bucket = FakeBucket(objects={"datasets/shop/a.csv": LAST.encode()})
        self.announcer = FakeAnnouncer()
        Versions(self.registry, MODEL).write(self.manifest, FILES)
        aliases = Aliases(self.registry, MODEL, now=lambda: FIRST)
        aliases.move(CHAMPION, 1, by="training", why="passed its gates", seen=None)
        self._made = 0

    @property
    def spec(self) -> RecommenderSpec:
        given = {"user_privacy": "keep", "time": "at", "event": "event", "events": EVENTS, **self.options}
        return RecommenderSpec(name=MODEL, floors={}, learning=self.learning, **given)

    @property
    def manifest(self) -> RecommenderManifest:
        changes = {"interactions": self.spec.interactions, "created_at": FIRST, "available": 40}
        return make_recommender_manifest().model_copy(update=changes)

    @property
    def looks(self) -> RecommenderMonitor:
        return RecommenderMonitor(self.registry, self.records, lambda _: self.spec)

    def answer(self, at: datetime, user: str | None = "ann", items: Sequence[str] = ITEMS[:3], **more: Any) -> str:
        """An answer that was recorded; its id."""
        return self.answers(at, [user], items, **more)[0]

    def answers(
        self, at: datetime, users: Sequence[str | None], items: Sequence[str] = ITEMS[:3], **more: Any
    ) -> list[str]:
        """Answers that were recorded in one object; their ids."""
        lines = []
        for user in users:
            self._made += 1
            line = {
                "record": "recommendation",
                "model": MODEL,
                "timestamp": at.isoformat(timespec="milliseconds"),
                "model_version": 1,
                "role": "champion",
                "latency_ms": 3.0,
                "recommendation_id": make_id(at, self._made),
                "basis": "history",
                "k": len(items),
                "items": [*items],
                "propensities": [1.0] * len(items),
                "explored": False,
                "history": {"trained": 3},
                "unavailable": [],
                "unknown_items": 0,
                **({} if user is None else {"user": user}),
                **more,
            }
            lines.append(line)
        content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        key = f"{day_prefix(RECOMMENDATION, MODEL, at.date())}{self._made}.json.gz"
        put_once(self.records, key, gzip.compress(content, mtime=0))
        return [line["recommendation_id"] for line in lines]

    def happen(self, at: datetime, answer: str | None, *events: tuple[str, str, str], user: str | None = "ann") -> None:
        """Events (id, item, name) about an answer, received at a time."""
        store_events(
            self.records,
            MODEL,
            [
                EventLine(id=id_, item=item, event=name, time=at, user=user, recommendation_id=answer)
                for id_, item, name in events
            ],
            at,
        )

    def live(self, number: int, clicks: float, answers: int = 300, seed: int = 0) -> None:
        """A day of users with two answers each, of which a share gets a click."""
        noon = day(number).start + timedelta(hours=12)
        rng = np.random.default_rng([seed, number])
        ids = self.answers(noon, [f"u{number}-{place // 2}" for place in range(answers)])
        clicked = [name for name in ids if rng.random() < clicks]
        store_events(
            self.records,
            MODEL,
            [
                EventLine(id=f"e{name}", item="i0", event="click", time=noon, user=f"u{number}", recommendation_id=name)
                for name in clicked
            ],
            noon + timedelta(hours=1),
        )

    def look(self, number: int) -> RecommenderFacts:
        facts = self.looks.look(self.manifest, day(number)).recommendations
        assert facts
        return facts

    def run(self, number: int) -> list[Progress]:
        """A run of monitoring for which the n-th day is due."""
        now = day(number).end + timedelta(hours=2)
        states = States(self.records)
        learner = Learner(
            records=self.records,
            bucket=self.bucket,  # type: ignore[arg-type]
            load_spec=lambda _: self.spec,
            key=b"",
            delay=DELAY,
        )
        run = MonitoringRun(
            registry=self.registry,
            archive=Archive(self.records),
            states=states,
            looks=ScriptedLooks(),
            recommender_looks=self.looks,
            restart_tests=keep_tests,
            render=PageRenderer(_render_table),
            mirror=lambda _: None,
            load_spec=_load_table_spec,
            assembly=Assembly(
                records=self.records,
                bucket=self.bucket,  # type: ignore[arg-type]
                manifest_of=lambda model, version: Versions(self.registry, model).table(version),
            ),
            learner=learner,
            canaries=Canaries(
                registry=self.registry,
                records=self.records,
                archive=Archive(self.records),
                load_spec=_load_table_spec,
                delay=DELAY,
            ),
            registry_mirror=NoMirror(),
            outbox=Outbox(states=states, announcer=self.announcer, clock=lambda: now, lease=LEASE, name="run"),
            log=MonitoringLog(make_logger()),
            delay=DELAY,
            seconds_left=lambda: 900,
        )
        return run.run(now)


def _render_table(*_: Any) -> bytes:
    raise AssertionError("a recommender's page isn't a table's")


def _load_table_spec(model: str) -> Any:
    raise AssertionError(f"{model} has no table")
