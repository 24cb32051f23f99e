"""Versions small enough to write by hand."""

from datetime import UTC, datetime

from mlops.registry.manifest.manifest import Code, Dataset, Gate, Manifest
from mlops.registry.versions import describe
from tests.unit.mlops.samples import make_spec

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILES = {"model.onnx": b"a graph", "golden.json": b"{}"}


def make_manifest(number: int = 1, key: str = "key", *, accepted: bool = True) -> Manifest:
    """The manifest of a version that holds FILES."""
    return Manifest(
        model="leaves",
        version=number,
        training_key=key,
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
        seed=0,
        contract=make_spec().contract,
        dataset=Dataset(uri="s3://data/datasets/leaves/a.csv", s3_version="1", sha256="d" * 64, rows=60, columns=3),
        code=Code(sha256="c" * 64, commit="unknown"),
        libraries={},
        candidate="linear",
        parameters={"C": 1.0},
        metrics={"test": {"accuracy": 0.9}},
        gates=(Gate(name="floor/accuracy", passed=accepted, observed=0.9, required=0.8),),
        mlflow_run_id="run",
        files={name: describe(content) for name, content in FILES.items()},
    )
