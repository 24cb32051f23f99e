"""Versions small enough to write by hand."""

from datetime import UTC, datetime
from typing import Any

from mlops.interactions import InteractionContract
from mlops.registry.manifest.evidence import Difference, Verdict
from mlops.registry.manifest.manifest import Code, Dataset, Gate, Manifest
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import describe
from tests.unit.mlops.leaves import CONTRACT

CREATED = datetime(2026, 11, 23, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILES = {"model.onnx": b"a graph", "golden.json": b"{}"}


def make_manifest(number: int = 1, training_key: str = "key", *, accepted: bool = True, **changes: Any) -> Manifest:
    """The manifest of a version that holds FILES; `changes` are fields that differ from those here."""
    given = {
        **_fields("leaves", number, training_key, columns=3),
        "contract": CONTRACT,
        "candidate": "linear",
        "parameters": {"C": 1.0},
        "metrics": {"test": {"accuracy": 0.9}},
        "gates": (Gate(name="floor/accuracy", passed=accepted, observed=0.9, required=0.8),),
    }
    return Manifest(**given | changes)


def make_recommender_manifest(
    number: int = 1, training_key: str = "key", *, accepted: bool = True, **changes: Any
) -> RecommenderManifest:
    """The manifest of a recommender's version that holds FILES; `changes` are fields that differ from those here."""
    given = {
        **_fields("shop", number, training_key, columns=4),
        "interactions": InteractionContract(user="user", item="item", time="at", event="event", events={"view": 1.0}),
        "k": 10,
        "items": 3,
        "available": 2,
        "users": 4,
        "candidate": "ease",
        "parameters": {"regularization": 200.0},
        "metrics": {"test": {"ndcg": 0.4}},
        "gates": (Gate(name="floor/ndcg", passed=accepted, observed=0.4, required=0.3),),
    }
    return RecommenderManifest(**given | changes)


def _fields(model: str, number: int, training_key: str, columns: int) -> dict[str, Any]:
    """What the manifests of both kinds of model have."""
    return {
        "model": model,
        "version": number,
        "training_key": training_key,
        "created_at": CREATED,
        "seed": 0,
        "dataset": Dataset(
            uri=f"s3://data/datasets/{model}/a.csv", s3_version="1", sha256="d" * 64, rows=60, columns=columns
        ),
        "code": Code(sha256="c" * 64, commit="unknown"),
        "libraries": {},
        "files": {name: describe(content) for name, content in FILES.items()},
    }


def make_difference(verdict: Verdict) -> Difference:
    """A comparison of two versions on 50 rows, with a verdict."""
    return Difference(
        metric="accuracy",
        where="all rows",
        rows=50,
        candidate=0.9,
        champion=0.8,
        difference=0.1,
        low=-0.02,
        high=0.2,
        margin=0.01,
        p_better=0.5,
        p_not_worse=0.5,
        p_worse=0.5,
        alpha=0.025,
        verdict=verdict,
    )
