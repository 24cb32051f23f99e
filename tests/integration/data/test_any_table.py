"""From a CSV to a served model, with the spec that `mlops models new` wrote, untouched."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from examples import EXAMPLES
from mlops.intake.training import Outcome, Upload
from mlops.registry.manifest.manifest import Code, Manifest
from mlops.registry.store import Store, open_store
from mlops.spec import ModelSpec, load_table_spec
from tests.integration.serving.server import serve
from tests.integration.serving.trained import make_trainer
from tests.model_folders import model_folder

# table: the metric of the test, and the value that it is better than
WORTH = {
    "iris": ("accuracy", 0.85),
    "wine": ("accuracy", 0.9),
    "digits": ("accuracy", 0.93),
    "diabetes": ("r2", 0.3),
    "mixed": ("roc_auc", 0.8),
}


@dataclass(frozen=True)
class Served:
    """A table that became a champion: its CSV's rows as JSON would have them, its spec, and what answers."""

    rows: list[dict[str, Any]]
    spec: ModelSpec
    outcome: Outcome[Manifest]
    store: Store


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for specs, in place of functions/models/."""
    with model_folder(tmp_path):
        yield tmp_path


def make(name: str, folder: Path) -> Served:
    """Write the table and its spec, train, and serve."""
    file = EXAMPLES[name].write(folder)
    target = EXAMPLES[name].target
    done = CliRunner().invoke(app, ["models", "new", name, str(file), "--target", target])
    assert done.exit_code == 0, done.output
    assert len((folder / f"{name}.py").read_text().splitlines()) <= 25
    spec = load_table_spec(name)
    store = open_store("memory://")
    upload = Upload(uri=f"s3://data/datasets/{name}/{file.name}", s3_version="1", content=file.read_bytes())
    outcome = make_trainer(store).train(upload, spec, Code(sha256="0" * 64, commit="unknown"))
    with file.open(encoding="utf-8") as lines:
        rows = [to_json(row, spec) for row in csv.DictReader(lines)]
    return Served(rows, spec, outcome, store)


def to_json(row: dict[str, str], spec: ModelSpec) -> dict[str, Any]:
    """A CSV's row as a client would ask of it."""
    kinds = {column.name: column.kind for column in spec.contract.columns}
    read: dict[str, Callable[[str], Any]] = {
        "number": float,
        "integer": int,
        "boolean": lambda text: text == "true",
        "category": str,
        "date": str,
    }
    return {name: read[kind](row[name]) if row[name] else None for name, kind in kinds.items()}


def assert_answers(prediction: dict[str, Any], spec: ModelSpec) -> None:
    """The prediction is one that the spec's task has."""
    match spec.target.task:
        case "binary" | "multiclass":
            assert prediction["label"] in spec.target.labels
            assert sum(prediction["probabilities"].values()) == pytest.approx(1)
        case "regression":
            assert isinstance(prediction["value"], float)


@pytest.mark.parametrize("name", WORTH)
def test_a_table_goes_from_csv_to_a_served_model_with_the_spec_that_was_written(name: str, folder: Path) -> None:
    made = make(name, folder)
    manifest = made.outcome.manifest
    assert made.outcome.standing == "promoted", [gate for gate in manifest.gates if not gate.passed]
    metric, least = WORTH[name]
    assert manifest.metrics["test"][metric] > least
    with serve(made.store) as address:
        answer = httpx.post(f"http://{address}/models/{name}/predict", json={"rows": made.rows[:20]}, timeout=60)
        described = httpx.get(f"http://{address}/models/{name}", timeout=60).json()
    assert answer.status_code == 200, answer.text
    predictions = answer.json()["predictions"]
    assert len(predictions) == 20
    for each in predictions:
        assert_answers(each, made.spec)
    assert described["version"] == 1
