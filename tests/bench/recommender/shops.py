"""Recommenders of 1,682 and of 20,000 items, with people's histories, in a registry: what serving is measured with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.artifact.history import Pairs
from mlops.interactions import InteractionContract
from mlops.recommend.candidates.ease import fit_ease
from mlops.recommend.candidates.ials import fit_ials
from mlops.recommend.candidates.item_knn import fit_item_knn
from mlops.recommend.compile.package import Catalogue, make_files
from mlops.recommend.models import DenseItems, Factors, ItemModel, SparseItems
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Code, Dataset
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions, describe
from tests.unit.mlops.registry.samples import CREATED

K = 10
CONTRACT = InteractionContract(user="user", item="item", time="time", event="event", events={"view": 1.0})


@dataclass(frozen=True, eq=False)
class Shop:
    """A recommender's name, its item model, and the histories [U, I] that it was fitted to."""

    name: str
    model: ItemModel
    histories: csr_array

    @property
    def kind(self) -> str:
        """The item model's, as the docs call it."""
        return {DenseItems: "EASE^R", SparseItems: "item-kNN", Factors: "iALS"}[type(self.model)]

    def events(self, count: int, seed: int = 0) -> list[dict[str, str]]:
        """A history of so many items for a request; an item's id is its index."""
        chosen = np.random.default_rng(seed).choice(self.histories.shape[1], count, replace=False)
        return [{"item": str(item), "event": "view"} for item in chosen.tolist()]


def make_shops() -> list[Shop]:
    """EASE^R of as many users and items as MovieLens 100K has, and item-kNN of 200 neighbours of 20,000 items."""
    small, large = _draw(943, 1_682, 100_000), _draw(20_000, 20_000, 1_000_000)
    return [
        Shop("small", fit_ease(small, 200.0), small),
        Shop("large", fit_item_knn(large, 200, 20.0, 0.5), large),
    ]


def make_factor_shops() -> list[Shop]:
    """The same histories with iALS of 64 factors."""
    small, large = _draw(943, 1_682, 100_000), _draw(20_000, 20_000, 1_000_000)
    fit: Callable[[csr_array], ItemModel] = partial(
        fit_ials, factors=64, unobserved=0.1, regularization=0.05, exponent=0.5, iterations=3, seed=0
    )
    return [Shop("small-ials", fit(small), small), Shop("large-ials", fit(large), large)]


def _draw(users: int, items: int, events: int) -> csr_array:
    """Histories of people who prefer some items, by Zipf's law."""
    rng = np.random.default_rng(items)
    chances = 1 / np.arange(1, items + 1) ** 0.7
    pairs: NDArray[np.int64] = np.unique(
        rng.integers(0, users, events) * items + rng.choice(items, events, p=chances / chances.sum())
    )
    shape = users, items
    return csr_array((np.ones(len(pairs)), np.divmod(pairs, items)), shape=shape)


def put_shop(store: Store, shop: Shop) -> None:
    """Write the shop's version 1, and make it champion."""
    users, items = shop.histories.shape
    rows, columns = shop.histories.nonzero()
    keys = rows.astype(np.int64) * items + columns
    pairs = Pairs.reduce(keys, np.ones(len(keys)), np.full(len(keys), 1_700_000_000_000))
    ids = [str(item) for item in range(items)]
    catalogue = Catalogue(ids, None, np.ones(items, dtype=bool), np.arange(items))
    people = [f"user-{user}" for user in range(users)]
    files = make_files(shop.model, catalogue, people, pairs, K, CONTRACT.user, b"")
    versions = Versions(store, shop.name)
    manifest = RecommenderManifest(
        model=shop.name,
        version=versions.claim("bench"),
        training_key="bench",
        created_at=CREATED,
        seed=0,
        interactions=CONTRACT,
        k=K,
        items=items,
        available=items,
        users=users,
        dataset=Dataset(uri="s3://bench/drawn", s3_version=None, sha256="0" * 64, rows=len(keys), columns=4),
        code=Code(sha256="0" * 64, commit="unknown"),
        libraries={},
        candidate=type(shop.model).__name__,
        parameters={},
        metrics={},
        gates=(),
        files={name: describe(content) for name, content in files.items()},
    )
    versions.write(manifest, files)
    Aliases(store, shop.name).move(CHAMPION, manifest.version, by="bench", why="to be measured", seen=None)
