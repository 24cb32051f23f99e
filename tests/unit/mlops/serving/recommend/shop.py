"""A small but real recommender in a registry, whose answers are known by arithmetic, and a table in memory."""

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock
from typing import Any

import numpy as np

from mlops.artifact.history import Pairs
from mlops.contract import Privacy
from mlops.errors.authorization import TableUnavailable
from mlops.interactions import InteractionContract
from mlops.recommend.compile.package import Catalogue, make_files
from mlops.recommend.models import DenseItems, Factors, ItemModel, Popularity
from mlops.registry.manifest.manifest import Dataset
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions, describe
from tests.unit.mlops.registry.samples import make_recommender_manifest
from tests.unit.mlops.serving.artifacts import promote

SHOP = "recommender"
ITEMS = 12
IDS = [f"i{place}" for place in range(ITEMS)]
TITLES = [f"Item {place}" for place in range(ITEMS)]
SOLD_OUT = 11
TRENDING = [5, 3, 1, 0, 2, 4, 6, 7, 8, 9, 10, SOLD_OUT]
EVENTS: dict[str, float | None] = {"view": 1.0, "purchase": 3.0, "dislike": -1.0, "shown": None}
KEY = "secret"
ANN = {"i0": 3.0}  # what Ann bought in the training data
ANN_DISLIKES = "i2"


def make_contract(privacy: Privacy = "hash") -> InteractionContract:
    return InteractionContract(
        user="customer", item="product", time="at", event="what", events=EVENTS, user_privacy=privacy
    )


def make_model() -> DenseItems:
    """Having item i adds 1 to the next item's score, and 0.5 to that after it."""
    weights = np.eye(ITEMS, k=1) + 0.5 * np.eye(ITEMS, k=2)
    return DenseItems(weights.astype(np.float32))


def make_factors(size: int = 1) -> Factors:
    """A factor model."""
    rng = np.random.default_rng(3)
    raw = rng.normal(size=(ITEMS, size))
    factors = (raw @ np.linalg.eigh(raw.T @ raw)[1]).astype(np.float32)
    gram = (factors.astype(np.float64) ** 2).sum(axis=0)
    return Factors(factors, gram, unobserved=0.05, regularization=0.01, exponent=1.0)


def trained_pairs() -> Pairs:
    """Ann bought i0 and dislikes i2; Bob saw i1 and i3."""
    keys = np.array([0, 2, ITEMS + 1, ITEMS + 3])
    return Pairs.reduce(keys, np.array([3.0, -1.0, 1.0, 1.0]), np.array([1_000, 2_000, 3_000, 4_000]))


def put_shop(
    store: Store,
    number: int = 1,
    *,
    model: str = SHOP,
    items: ItemModel | None = None,
    privacy: Privacy = "hash",
    key: str = KEY,
    passed: bool = True,
    champion: bool = True,
    changes: Mapping[str, bytes] | None = None,
) -> RecommenderManifest:
    """Write a version, and make it champion."""
    contract = make_contract(privacy)
    catalogue = Catalogue(IDS, TITLES, np.arange(ITEMS) != SOLD_OUT, np.array(TRENDING))
    files = make_files(
        items or make_model(), catalogue, ["ann", "bob"], trained_pairs(), 10, contract.user, key.encode()
    )
    files |= changes or {}
    versions = Versions(store, model)
    assert versions.claim(f"training-{number}") == number
    manifest = make_recommender_manifest(
        number,
        f"training-{number}",
        accepted=passed,
        model=model,
        interactions=contract,
        k=3,
        items=ITEMS,
        available=ITEMS - 1,
        users=2,
        dataset=Dataset(uri="s3://data/x.csv", s3_version="v1", sha256="d" * 64, rows=4, columns=4),
        candidate={Factors: "ials", Popularity: "popularity"}.get(type(items), "ease"),
        parameters={},
        files={name: describe(content) for name, content in files.items()},
    )
    versions.write(manifest, files)
    if champion:
        promote(store, number, model)
    return manifest


class Table:
    """A table of recent events in memory, in place of a client of DynamoDB; `away` makes every call fail."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.away = False
        self.calls: list[str] = []
        self._lock = Lock()

    def call(self, operation: str, body: Mapping[str, Any], patience: float) -> dict[str, Any]:
        self.calls.append(operation)
        if self.away:
            raise TableUnavailable(operation, "503 InternalServerError: it is away")
        if operation == "Query":
            assert body["ConsistentRead"]
            own = self.items[body["ExpressionAttributeValues"][":u"]["S"]]
            return {"Items": [own[key] for key in sorted(own, reverse=True)][: body["Limit"]]}
        (requests,) = body["RequestItems"].values()
        assert operation == "BatchWriteItem"
        assert len(requests) <= 25
        with self._lock:
            for request in requests:
                item = request["PutRequest"]["Item"]
                self.items[item["user"]["S"]][item["event"]["S"]] = item
        return {"UnprocessedItems": {}}
