"""A bench for the flow of recommenders: a small shop, a registry in memory and an MLflow that is a list."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from obstore.store import MemoryStore

from examples.shop import Shop, write_shop
from mlops.artifact.names import CARD, EVIDENCE
from mlops.intake.training import Outcome, Upload
from mlops.recommend.flow import RecommenderTrainer
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Code, File
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions
from mlops.serving.live.loading import load_version
from mlops.spec import RecommenderSpec
from tests.unit.mlops.training.fakes import FakeMirror

MODEL = "shop"
CODE = Code(sha256="c" * 64, commit="abc")
SHOP = Shop(users=220, items=64, days=60, visits=6)


def make_spec(**changes: Any) -> RecommenderSpec:
    """The small shop's spec: candidates that are fitted in no time."""
    given: dict[str, Any] = {
        "name": MODEL,
        "event": "event",
        "events": {"shown": None, "view": 1.0, "basket": 2.0, "purchase": 4.0, "dislike": -1.0},
        "candidates": {
            "popularity": {},
            "item-knn": {"neighbours": (20, 50)},
            "ease": {"regularization": (30.0, 100.0)},
        },
        "floors": {"ndcg": 0.05, "coverage": 0.2},
        "margin": 0.03,
    }
    return RecommenderSpec(**(given | changes))


@cache
def shop_files(shop: Shop = SHOP) -> tuple[bytes, bytes]:
    """What people did in the shop, and its catalogue, as CSV."""
    with TemporaryDirectory() as folder:
        events = write_shop(Path(folder), shop)
        return events.read_bytes(), events.with_name("items.csv").read_bytes()


@dataclass
class Bench:
    """A trainer with everything that it talks to."""

    store: MemoryStore = field(default_factory=MemoryStore)
    mirror: FakeMirror = field(default_factory=FakeMirror)
    catalog: bytes | None = None
    privacy_key: bytes = b"key"
    steps: list[str] = field(default_factory=list)
    ticks: int = 0

    def now(self) -> datetime:
        self.ticks += 1
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=self.ticks)

    def find(self, model: str) -> Upload | None:
        """The catalogue, as the data bucket has it."""
        if self.catalog is None:
            return None
        return Upload(uri=f"s3://data/catalogs/{model}/items.csv", s3_version="c1", content=self.catalog)

    @property
    def trainer(self) -> RecommenderTrainer:
        return RecommenderTrainer(
            store=self.store,
            mirror=self.mirror,
            catalogs=self,
            privacy_key=self.privacy_key,
            load_for_serving=partial(load_version, max_rows=10),
            now=self.now,
            progress=self.steps.append,
        )

    def train(
        self, content: bytes | None = None, spec: RecommenderSpec | None = None, code: Code = CODE
    ) -> Outcome[RecommenderManifest]:
        upload = Upload(uri="s3://data/datasets/shop/a.csv", s3_version="v1", content=content or shop_files()[0])
        return self.trainer.train(upload, spec or make_spec(), code)

    @property
    def versions(self) -> Versions:
        return Versions(self.store, MODEL)

    @property
    def champion(self) -> int:
        alias = Aliases(self.store, MODEL).read(CHAMPION)
        assert alias
        return alias.version


def other_code(number: int) -> Code:
    """The code of another commit."""
    return Code(sha256=f"{number:064}", commit=f"commit-{number}")


def reproducible(manifest: RecommenderManifest) -> dict[str, File]:
    """The files whose bytes follow from rows, catalogue and code alone: no times, which differ from try to try."""
    return {name: file for name, file in manifest.files.items() if name not in (EVIDENCE, CARD)}


def edit(content: bytes, change: Callable[[list[str]], list[str]]) -> bytes:
    """A CSV whose rows are changed."""
    header, *rows = content.decode().splitlines()
    return "\n".join([header, *change(rows), ""]).encode()
