"""A real version: trained as an upload is, in memory."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import obstore
import pandas as pd
import skops.io
from numpy.typing import NDArray
from onnxruntime import InferenceSession

import examples
from mlops.intake.training import Upload
from mlops.registry.manifest.manifest import Code, Manifest
from mlops.registry.store import Store, open_store
from mlops.serving.scorer import Scorer
from mlops.spec import load_table_spec
from mlops.tracking.mirror import NoMirror
from mlops.training.flow import Trainer


@dataclass(frozen=True)
class Trained:
    """The store with version 1 of diagnosis as its champion, and the 569 rows that it was trained and tested on."""

    store: Store
    manifest: Manifest
    table: pd.DataFrame

    def rows(self, count: int = 200) -> list[dict[str, float]]:
        """The first rows, by column name."""
        table = self.table[list(self.manifest.contract.names)].head(count)
        return [{str(name): float(value) for name, value in row.items()} for row in table.to_dict("records")]

    def read(self, name: str) -> bytes:
        """A file of the version."""
        return bytes(obstore.get(self.store, f"diagnosis/versions/1/{name}").bytes())

    def estimator_probabilities(self, rows: list[dict[str, float]]) -> NDArray[np.float64]:
        """What the fitted scikit-learn estimator says, in the order of the contract's labels."""
        estimator = skops.io.loads(self.read("estimator.skops"), trusted=[])
        order = [list(estimator.classes_).index(label) for label in self.manifest.contract.target.labels]
        answer: NDArray[np.float64] = estimator.predict_proba(pd.DataFrame(rows))[:, order]
        return answer

    def graph_probabilities(self, rows: list[dict[str, float]]) -> NDArray[np.float64]:
        """What ONNX Runtime says of the compiled model."""
        session = InferenceSession(self.read("model.onnx"))
        answer: NDArray[np.float64] = session.run(["probabilities"], {"numbers": pd.DataFrame(rows).to_numpy()})[0]
        return answer


def make_trainer(store: Store) -> Trainer:
    """What trains into a store, without MLflow."""
    return Trainer(
        store=store,
        mirror=NoMirror(),
        load_for_serving=partial(Scorer.load, max_rows=100),
        now=lambda: datetime.now(UTC),
        progress=lambda _: None,
    )


@cache
def train_diagnosis() -> Trained:
    """Train it, once a process."""
    store = open_store("memory://")
    with TemporaryDirectory() as folder:
        file = examples.write_diagnosis(Path(folder))
        upload = Upload(uri="s3://data/datasets/diagnosis/x.csv", s3_version="1", content=file.read_bytes())
        table = pd.read_csv(file)
    outcome = make_trainer(store).train(upload, load_table_spec("diagnosis"), Code(sha256="0" * 64, commit="unknown"))
    assert outcome.standing == "promoted", outcome.manifest.gates
    return Trained(store, outcome.manifest, table)


def probabilities(document: Any, labels: tuple[str, ...]) -> list[list[float]]:
    """The probabilities in an answer of POST /predict or /invocations, given as JSON or parsed."""
    parsed = json.loads(document) if isinstance(document, str | bytes) else document
    return [[each["probabilities"][label] for label in labels] for each in parsed["predictions"]]
