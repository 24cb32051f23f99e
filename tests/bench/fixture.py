"""What everybody serves: one random forest of 100 trees on the 30 columns of the diagnosis data, and its rows."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

from mlops.contract import Contract
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Code, Dataset, Manifest
from mlops.registry.store import Store, open_store
from mlops.registry.versions import Versions, describe
from mlops.spec import load_table_spec
from mlops.training.compile.compiler import compile_estimator

BUCKET = "models"
MODEL = "diagnosis"
TREES = 100
GOLDEN_ROWS = 32
# On arrays, as those who serve without pandas fit it, and on a frame: the same trees.
FOREST, NAMED_FOREST, GRAPH = "forest.joblib", "forest-named.joblib", "model.onnx"


@dataclass(frozen=True)
class Fixture:
    """The forest in files of `folder`, its contract, and the rows that are asked for."""

    folder: Path
    contract: Contract
    table: pd.DataFrame
    chances: NDArray[np.float64]

    def rows(self, count: int) -> list[list[float]]:
        """So many rows, the data's own from the start again and again."""
        data: list[list[float]] = self.table.to_numpy()[np.arange(count) % len(self.table)].tolist()
        return data

    def expected(self, count: int) -> NDArray[np.float64]:
        """The estimator's probability of the second label for each of those rows."""
        answer: NDArray[np.float64] = self.chances[np.arange(count) % len(self.table), 1]
        return answer

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return list(self.contract.names)


def make_fixture(folder: Path) -> Fixture:
    """Fit the forest and write it, compiled and in joblib's format."""
    folder.mkdir(parents=True, exist_ok=True)
    contract = load_table_spec(MODEL).contract
    data = load_breast_cancer(as_frame=True)
    table, truth = data.data[list(contract.names)], data.target_names[data.target]
    forest = RandomForestClassifier(TREES, random_state=0).fit(table.to_numpy(), truth)
    named = RandomForestClassifier(TREES, random_state=0).fit(table, truth)
    joblib.dump(forest, folder / FOREST)
    joblib.dump(named, folder / NAMED_FOREST)
    (folder / GRAPH).write_bytes(compile_estimator(named, contract))
    return Fixture(folder, contract, table, forest.predict_proba(table.to_numpy()))


def register(fixture: Fixture) -> None:
    """Put the forest into the bucket: as version 1 and champion for ours, and as its joblib file for the peer."""
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key=FOREST, Body=(fixture.folder / NAMED_FOREST).read_bytes())
    register_version(fixture, open_store(f"s3://{BUCKET}"))


def register_version(fixture: Fixture, store: Store) -> None:
    """Write the forest as version 1 and champion."""
    golden: dict[str, Any] = {
        "rows": [dict(zip(fixture.names, row, strict=True)) for row in fixture.rows(GOLDEN_ROWS)],
        "probabilities": fixture.chances[:GOLDEN_ROWS].tolist(),
    }
    files = {GRAPH: (fixture.folder / GRAPH).read_bytes(), "golden.json": json.dumps(golden).encode()}
    versions = Versions(store, MODEL)
    manifest = Manifest(
        model=MODEL,
        version=versions.claim("bench"),
        training_key="bench",
        created_at=datetime.now(UTC),
        seed=0,
        contract=fixture.contract,
        dataset=Dataset(
            uri="sklearn.datasets.load_breast_cancer",
            s3_version=None,
            sha256="0" * 64,
            rows=len(fixture.table),
            columns=31,
        ),
        code=Code(sha256="0" * 64, commit="unknown"),
        libraries={},
        candidate="random-forest",
        parameters={"n_estimators": TREES},
        metrics={},
        gates=(),
        files={name: describe(content) for name, content in files.items()},
    )
    versions.write(manifest, files)
    Aliases(store, MODEL).move(CHAMPION, manifest.version, by="bench", why="to be measured", seen=None)
