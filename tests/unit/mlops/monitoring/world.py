"""A model that is monitored, in memory: looks follow a script, announcements and the data bucket are lists."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import obstore
from obstore.store import MemoryStore

from mlops.monitoring.announce import Announcer
from mlops.monitoring.archive import Archive
from mlops.monitoring.canary.trials import Canaries
from mlops.monitoring.facts import (
    AssessmentFacts,
    Basis,
    ColumnFacts,
    Figure,
    LossFacts,
    PartFacts,
    RealisedFacts,
    ServiceFacts,
    VersionFacts,
    WindowFacts,
)
from mlops.monitoring.flow import MonitoringRun, Progress
from mlops.monitoring.incident import Incident
from mlops.monitoring.learning.learner import Learner
from mlops.monitoring.log import MonitoringLog
from mlops.monitoring.outbox import Outbox
from mlops.monitoring.recommendations.look import RecommenderMonitor
from mlops.monitoring.retraining.assembly import Assembly
from mlops.monitoring.state import Announcement, MonitoringState, States
from mlops.monitoring.windows.monitor import Look, State
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.truths import Truth
from mlops.records.window import Window
from mlops.records.write import make_object, put_once
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.evidence import Estimate, Interval
from mlops.registry.manifest.manifest import Manifest, VersionManifest
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec, load_recommender_spec
from mlops.spec.monitoring import Monitoring
from mlops.telemetry import make_logger
from mlops.tracking.mirror import NoMirror
from tests.unit.mlops.registry.samples import FILES, make_manifest
from tests.unit.mlops.samples import make_csv, make_spec

MODEL = "leaves"
FIRST = datetime(2026, 11, 23, 6, tzinfo=UTC)
DELAY = timedelta(minutes=5)
LEASE = timedelta(minutes=15)
DATASET = "datasets/leaves/a.csv"
TRAINED = Estimate(value=0.95, rows=140, interval=Interval(low=0.9, high=0.98, level=0.95, method="wilson"))


def day(number: int) -> date:
    """The n-th day after the model began to serve, 0 being the first."""
    return FIRST.date() + timedelta(days=number)


def after(number: int) -> datetime:
    """A time at which the n-th day is due, and the next isn't."""
    return Window.of_day(day(number)).end + timedelta(hours=1)


@dataclass
class FakeAnnouncer:
    """Keeps what was sent."""

    sent: list[Announcement] = field(default_factory=list)
    away: bool = False

    def send(self, announcement: Announcement) -> None:
        if self.away:
            raise ConnectionError("SNS doesn't answer")
        self.sent.append(announcement)

    @property
    def events(self) -> list[str]:
        return [each.event for each in self.sent if each.event]

    @property
    def messages(self) -> list[Announcement]:
        return [each for each in self.sent if each.event is None]


@dataclass
class FakeBucket:
    """The data bucket: objects by key, the metadata of those that were created, and how often they were."""

    objects: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    broken: Exception | None = None

    def download(self, key: str, version: str | None, file: Path) -> bool:
        if self.broken:
            raise self.broken
        if key in self.objects:
            file.write_bytes(self.objects[key])
        return key in self.objects

    def list_keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.objects if key.startswith(prefix)))

    def create(self, key: str, file: Path, metadata: Mapping[str, str]) -> Mapping[str, str]:
        if key not in self.objects:
            self.objects[key] = file.read_bytes()
            self.metadata[key] = dict(metadata)
            self.created.append(key)
        return self.metadata[key]

    def read_json(self, key: str) -> dict[str, Any] | None:
        return json.loads(self.objects[key]) if key in self.objects else None

    def read_rows(self, key: str) -> list[str]:
        """The lines of a dataset, the header first."""
        return gzip.decompress(self.objects[key]).decode().splitlines()

    def report(self, incident: str, outcome: str, version: int | None, at: datetime) -> None:
        """What training says of the incident's dataset."""
        report = {"outcome": outcome, "version": version, "reason": f"it was {outcome}", "checked_at": at.isoformat()}
        self.objects[f"datasets/leaves/incident-{incident}.csv.gz.report.json"] = json.dumps(report).encode()


@dataclass
class FakeMirror(NoMirror):
    """Keeps the champions that it's told of."""

    champions: list[int | None] = field(default_factory=list)
    away: bool = False

    def register(self, manifest: VersionManifest, champion: int | None) -> None:
        if self.away:
            raise ConnectionError("MLflow doesn't answer")
        self.champions.append(champion)


Script = Callable[[Window], WindowFacts]


@dataclass
class ScriptedLooks:
    """Gives the facts of a script; the state counts the looks and the restarts of tests."""

    script: dict[str, WindowFacts] = field(default_factory=dict)
    restarted: list[int] = field(default_factory=list)

    def look(self, model: str, window: Window, state: State | None) -> Look:
        facts = self.script.get(window.id, WindowFacts(model=model, window=window.id))
        if window != Window.of_day(window.start.date()):
            return Look(facts, state or {"days": 0, "restarts": []})
        given = state or {"days": 0, "restarts": []}
        return Look(facts, {**given, "days": given["days"] + 1})


def restart_tests(state: State, version: int) -> State:
    return {**state, "restarts": [*state["restarts"], version]}


@dataclass
class World:
    """Everything that a run talks to."""

    spec: ModelSpec = field(default_factory=lambda: make_spec(monitoring=Monitoring(retrain_rows=4)))
    registry: MemoryStore = field(default_factory=MemoryStore)
    records: MemoryStore = field(default_factory=MemoryStore)
    bucket: FakeBucket = field(default_factory=FakeBucket)
    announcer: FakeAnnouncer = field(default_factory=FakeAnnouncer)
    looks: ScriptedLooks = field(default_factory=ScriptedLooks)
    clock: datetime = FIRST
    seconds_left: float = 900.0
    log: StringIO = field(default_factory=StringIO)
    rendered: int = 0
    mirrored: list[WindowFacts] = field(default_factory=list)
    registry_mirror: FakeMirror = field(default_factory=FakeMirror)

    def __post_init__(self) -> None:
        self.bucket.objects[DATASET] = make_csv()
        self.promote(1, at=FIRST)

    def copy(self) -> "World":
        """The same world, which goes on by itself."""
        other = World(self.spec, clock=self.clock)
        for mine, theirs in ((self.registry, other.registry), (self.records, other.records)):
            for page in obstore.list(mine):
                for each in page:
                    obstore.put(theirs, each["path"], bytes(obstore.get(mine, each["path"]).bytes()))
        other.bucket.objects |= self.bucket.objects
        other.looks.script |= self.looks.script
        return other

    def promote(self, number: int, at: datetime, **dataset: Any) -> Manifest:
        """A version of the spec's contract, and make it champion."""
        manifest = self.add_version(number, at, **dataset)
        aliases = Aliases(self.registry, MODEL, now=lambda: at)
        aliases.move(CHAMPION, number, by="training", why="passed its gates", seen=aliases.find(CHAMPION))
        return manifest

    def add_version(self, number: int, at: datetime, **dataset: Any) -> Manifest:
        given = make_manifest(number, f"key{number}")
        manifest = given.model_copy(
            update={
                "created_at": at,
                "contract": self.spec.contract,
                "estimates": {"accuracy": TRAINED},
                "dataset": given.dataset.model_copy(update=dataset),
            }
        )
        Versions(self.registry, MODEL).write(manifest, FILES)
        return manifest

    def run(self, now: datetime, name: str = "run", announcer: Announcer | None = None) -> list[Progress]:
        """One run at a time, as the function makes it."""
        self.clock = max(self.clock, now)
        return self.make_run(name, announcer).run(now)

    def make_run(self, name: str = "run", announcer: Announcer | None = None) -> MonitoringRun:
        states = States(self.records)

        def render(history: Sequence[WindowFacts], incidents: Sequence[Incident]) -> bytes:
            self.rendered += 1
            told = ", ".join(f"{each.id} {each.status}" for each in incidents) or "no incidents"
            return f"{history[-1].window}, the last of {len(history)} days, {told}".encode()

        return MonitoringRun(
            registry=self.registry,
            archive=Archive(self.records),
            states=states,
            looks=self.looks,
            recommender_looks=RecommenderMonitor(self.registry, self.records, load_recommender_spec),
            restart_tests=restart_tests,
            render=render,
            mirror=self.mirrored.append,
            load_spec=lambda _: self.spec,
            assembly=Assembly(
                records=self.records,
                bucket=self.bucket,  # type: ignore[arg-type]
                manifest_of=lambda model, number: Versions(self.registry, model).table(number),
            ),
            learner=Learner(
                records=self.records,
                bucket=self.bucket,  # type: ignore[arg-type]
                load_spec=load_recommender_spec,
                key=b"",
                delay=DELAY,
            ),
            canaries=Canaries(
                registry=self.registry,
                records=self.records,
                archive=Archive(self.records),
                load_spec=lambda _: self.spec,
                delay=DELAY,
                clock=lambda: self.clock,
            ),
            registry_mirror=self.registry_mirror,
            outbox=Outbox(
                states=states,
                announcer=announcer or self.announcer,
                clock=lambda: self.clock,
                lease=LEASE,
                name=name,
            ),
            log=MonitoringLog(make_logger(self.log)),
            delay=DELAY,
            seconds_left=lambda: self.seconds_left,
        )

    def script(self, number: int, *versions: VersionFacts, **changes: Any) -> None:
        """What the look at the n-th day finds."""
        window = day(number).isoformat()
        self.looks.script[window] = WindowFacts(model=MODEL, window=window, versions=versions, **changes)

    @property
    def state(self) -> MonitoringState:
        return States(self.records).load(MODEL).state

    @property
    def incident(self) -> Incident:
        found = self.state.incident
        assert found
        return found

    def status(self) -> str:
        return self.incident.status

    @property
    def steps(self) -> list[str]:
        return [step.what for step in self.incident.steps]

    def serve(self, number: int, rows: int = 6, length: float = 30.0, *, truth: str = "long", version: int = 1) -> None:
        """Predictions of the n-th day, recorded by Firehose, whose truth came on the same day."""
        noon = datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(hours=12)
        ids = [make_id(noon, place) for place in range(rows)]
        lines = [
            {
                "record": "prediction",
                "model": MODEL,
                "timestamp": (noon + timedelta(milliseconds=1)).isoformat(timespec="milliseconds"),
                "model_version": version,
                "role": "champion",
                "prediction_id": each,
                "label": "short",
                "inputs": {"length": length + place / 8, "width": 10.0 + number},
            }
            for place, each in enumerate(ids)
        ]
        put_records(self.records, lines, noon)
        truths = [Truth(each, truth, noon + timedelta(hours=1)) for each in ids]
        put_truths(self.records, truths, noon + timedelta(hours=2))


def read_all(world: World) -> dict[str, bytes]:
    """Every object of the records bucket."""
    keys = sorted(each["path"] for page in obstore.list(world.records) for each in page)
    return {key: bytes(obstore.get(world.records, key).bytes()) for key in keys}


def make_id(moment: datetime, number: int) -> str:
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-{number:012x}"


def put_records(store: MemoryStore, lines: list[dict[str, Any]], moment: datetime, model: str = MODEL) -> None:
    content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    key = f"{day_prefix(PREDICTION, model, moment.date())}{moment:%H%M%S}.json.gz"
    put_once(store, key, gzip.compress(content, mtime=0))


def put_truths(store: MemoryStore, truths: list[Truth], received: datetime, model: str = MODEL) -> None:
    made = make_object(model, truths, received, "api")
    put_once(store, made.key, made.content)


def loss(number: int, basis: Basis = "realised", *, alarm: bool = True, since: int | None = None) -> LossFacts:
    """A loss test of accuracy on the n-th day; `since` is the day on which the loss most likely began."""
    return LossFacts(
        basis=basis,
        metric="accuracy",
        trained=0.95,
        margin=0.02,
        evidence=40.0 if alarm else 0.3,
        alarm_at=20.0,
        alarm=alarm,
        since=day(number if since is None else since).isoformat() if alarm else None,
    )


def realised(value: float, half: float = 0.03, rows: int = 200) -> RealisedFacts:
    """Accuracy where truth is there, and its change since training, each with an interval of the same width."""
    change = value - 0.95
    return RealisedFacts(
        predictions=rows,
        labelled=rows,
        delay_median=1.0,
        delay_90=2.0,
        overall=PartFacts(
            where="all rows",
            rows=rows,
            metrics={"accuracy": Figure(value=value, low=value - half, high=value + half, rows=rows)},
            changes={"accuracy": Figure(value=change, low=change - half, high=change + half, rows=rows)},
        ),
    )


def estimated(value: float, half: float = 0.03) -> dict[str, Figure]:
    return {"accuracy": Figure(value=value, low=value - half, high=value + half, rows=200)}


def drifted(*names: str, since: int = 0) -> tuple[ColumnFacts, ...]:
    return tuple(
        ColumnFacts(
            column=name,
            rows=200,
            missing=0,
            outside=0,
            p_value=1e-6,
            drifted=True,
            since=day(since),
            sentence=f"{name}: the median rose from 20 to 31 mm",
        )
        for name in names
    )


def steady(*names: str) -> tuple[ColumnFacts, ...]:
    return tuple(ColumnFacts(column=name, rows=200, missing=0, outside=0, p_value=0.5, drifted=False) for name in names)


def version(number: int = 1, **facts: Any) -> VersionFacts:
    return VersionFacts(version=number, role="champion", service=ServiceFacts(predictions=200), **facts)


def well(number: int = 1) -> VersionFacts:
    return version(number, realised=realised(0.95), losses=(loss(0, alarm=False),))


def worse(number: int, which: int = 1, since: int | None = None, **facts: Any) -> VersionFacts:
    """A realised loss on the n-th day."""
    return version(which, realised=realised(0.7), losses=(loss(number, since=since),), **facts)


def estimated_worse(number: int, value: float = 0.8, *, trustworthy: bool = True, **facts: Any) -> VersionFacts:
    """An estimated loss on the n-th day."""
    assessment = AssessmentFacts(windows=9, covered=9 if trustworthy else 4, mean_error=0.01, trustworthy=trustworthy)
    return version(
        estimated=estimated(value),
        losses=(loss(number, "estimated"),),
        assessments={"accuracy": assessment},
        **facts,
    )
