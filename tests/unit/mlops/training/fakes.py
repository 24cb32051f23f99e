"""A bench for the training flow: a registry in memory and an MLflow that is a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from obstore.store import MemoryStore

from mlops.artifact.names import CARD, EVIDENCE
from mlops.intake.flow import Bucket, Intake
from mlops.intake.training import Outcome, Upload
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Code, File, Manifest, VersionManifest
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from mlops.training.flow import Trainer
from tests.unit.mlops.samples import make_csv, make_spec

SERVE = partial(Scorer.load, max_rows=100)
CODE = Code(sha256="c" * 64, commit="abc")


def reproducible(manifest: VersionManifest) -> dict[str, File]:
    """The files whose bytes follow from dataset and code alone: no times, which differ from try to try."""
    return {name: file for name, file in manifest.files.items() if name not in (EVIDENCE, CARD)}


class Away(Exception):
    """MLflow doesn't answer."""


@dataclass
class FakeMirror:
    """Keeps runs by training and registered versions by number, as MLflow's mirror does."""

    runs: dict[str, str] = field(default_factory=dict)
    registered: dict[int, str | None] = field(default_factory=dict)
    champion: int | None = None
    shown: list[str] = field(default_factory=list)
    away: bool = False

    def record(self, manifest: VersionManifest, files: Mapping[str, bytes]) -> str:
        self._answer()
        self.shown = sorted(files)
        return self.runs.setdefault(manifest.training_key, f"run-{len(self.runs)}")

    def register(self, manifest: VersionManifest, champion: int | None) -> None:
        self._answer()
        self.registered[manifest.version] = manifest.mlflow_run_id
        self.champion = champion

    def _answer(self) -> None:
        if self.away:
            raise Away


@dataclass
class Bench:
    """A trainer with everything it talks to."""

    store: MemoryStore = field(default_factory=MemoryStore)
    mirror: FakeMirror = field(default_factory=FakeMirror)
    steps: list[str] = field(default_factory=list)
    ticks: int = 0

    def now(self) -> datetime:
        self.ticks += 1
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=self.ticks)

    @property
    def trainer(self) -> Trainer:
        return Trainer(
            store=self.store, mirror=self.mirror, load_for_serving=SERVE, now=self.now, progress=self.steps.append
        )

    def train(
        self,
        content: bytes | None = None,
        spec: ModelSpec | None = None,
        code: Code = CODE,
        incident: str | None = None,
    ) -> Outcome[Manifest]:
        uri, content = "s3://data/datasets/leaves/a.csv", content or make_csv()
        upload = Upload(uri=uri, s3_version="v1", content=content, incident=incident)
        return self.trainer.train(upload, spec or make_spec(), code)

    @property
    def versions(self) -> Versions:
        return Versions(self.store, "leaves")

    def versions_of(self, model: str) -> Versions:
        """The versions of another model than leaves."""
        return Versions(self.store, model)

    @property
    def champion(self) -> int:
        alias = Aliases(self.store, "leaves").read(CHAMPION)
        assert alias
        return alias.version

    def check(self) -> None:
        """Every complete version is whole, and MLflow says what the registry says."""
        for number in self.versions.numbers():
            manifest = self.versions.manifest(number)
            for name in manifest.files:
                self.versions.read(manifest, name)
            assert self.mirror.registered[number] == self.mirror.runs[manifest.training_key]
        assert self.mirror.champion == self.champion


def make_intake(bench: Bench, bucket: Bucket, root: Path) -> Intake:
    """An intake that trains at the bench; `root` holds the code."""
    return Intake(
        bucket=bucket,
        trainers={ModelSpec: bench.trainer},
        now=bench.now,
        progress=bench.steps.append,
        root=root,
        commit="abc",
    )
