"""Small but real model versions in a registry: graphs made by hand, so that what they answer is known by arithmetic."""

import json
import math
from typing import Any

import numpy as np
from onnx import TensorProto, helper, load_from_string, numpy_helper

from mlops.contract import Column, Contract, Target
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.challenge import challenge
from mlops.registry.manifest.manifest import Dataset, Gate, Manifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions, describe
from tests.unit.mlops.registry.samples import make_manifest

DATASET = Dataset(uri="s3://data/x.csv", s3_version="v1", sha256="d" * 64, rows=25, columns=3)

MARK = "MARKED"  # a value that must not be repeated

CONTRACT = Contract(
    columns=(
        Column(name="mean radius", unit="mm", description="Mean distance to the edge.", minimum=0, maximum=100),
        Column(name="mean texture", minimum=0, maximum=1000),
    ),
    target=Target(name="diagnosis", task="binary", labels=("benign", "malignant"), positive="malignant"),
)
MIXED = Contract(
    columns=(
        Column(name="age", kind="integer", minimum=0, maximum=120, unit="years"),
        Column(name="city", kind="category"),
        Column(name="smokes", kind="boolean"),
        Column(name="size", kind="category", categories=("S", "M"), required=False),
        Column(name="since", kind="date", minimum=0, maximum=20_000),
        Column(name="weight", required=False, unit="kg"),
    ),
    target=Target(name="price", task="regression"),
)
PRIVATE = Contract(
    columns=(
        Column(name="mean radius", privacy="keep"),
        Column(name="mean texture", privacy="hash", maximum=1000),
        Column(name="name", kind="category", privacy="drop"),
    ),
    target=Target(name="diagnosis", task="binary", labels=("benign", "malignant")),
)
ROWS = [{"mean radius": float(radius), "mean texture": float(texture)} for radius in range(5) for texture in range(5)]


def probability(row: dict[str, Any], slope: float = 1.0) -> float:
    """What `linear_graph` answers for the second label: the logistic function of slope x (radius - texture)."""
    return 1 / (1 + math.exp(-slope * (row["mean radius"] - row["mean texture"])))


def linear_graph(slope: float = 1.0, columns: int = 2, output: str = "probabilities") -> bytes:
    """A logistic regression with weights (slope, -slope, 0, …) on `columns` numbers."""
    weights = np.zeros((columns, 1))
    weights[0], weights[1] = slope, -slope
    nodes = [
        helper.make_node("MatMul", ["numbers", "weights"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["positive"]),
        helper.make_node("Sub", ["one", "positive"], ["negative"]),
        helper.make_node("Concat", ["negative", "positive"], [output], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "logistic",
        [helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, [None, columns])],
        [helper.make_tensor_value_info(output, TensorProto.DOUBLE, [None, 2])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.array(1.0), "one")],
    )
    return _serialize(graph)


def sum_graph(columns: int) -> bytes:
    """A regression that answers the sum of `columns` numbers."""
    graph = helper.make_graph(
        [helper.make_node("ReduceSum", ["numbers", "axes"], ["value"], keepdims=0)],
        "sum",
        [helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, [None, columns])],
        [helper.make_tensor_value_info("value", TensorProto.DOUBLE, [None])],
        [numpy_helper.from_array(np.array([1]), "axes")],
    )
    return _serialize(graph)


def regression(contract: Contract) -> tuple[bytes, bytes]:
    """The graph and golden rows of a regression on any contract: it answers the sum of the columns that are numbers."""
    numbers = [column for column in contract.columns if column.kind != "category"]
    texts = len(contract.columns) - len(numbers)
    model = load_from_string(sum_graph(len(numbers)))
    if texts:
        model.graph.input.append(helper.make_tensor_value_info("categories", TensorProto.STRING, [None, texts]))
    cells: dict[str, Any] = {"number": 1.0, "integer": 1, "boolean": True, "date": "1970-01-02"}
    row = {column.name: cells.get(column.kind, (*column.categories, "x")[0]) for column in contract.columns}
    rows = json.dumps({"rows": [row], "values": [float(len(numbers))]}).encode()
    return model.SerializeToString(), rows


def golden(slope: float = 1.0) -> bytes:
    """Golden rows of `linear_graph`."""
    answers = [[1 - probability(row, slope), probability(row, slope)] for row in ROWS]
    return json.dumps({"rows": ROWS, "probabilities": answers}).encode()


def put_version(
    store: Store,
    number: int = 1,
    *,
    model: str = "diagnosis",
    contract: Contract = CONTRACT,
    graph: bytes | None = None,
    golden_rows: bytes | None = None,
    threshold: float | None = None,
    passed: bool = True,
    key: tuple[str, ...] = (),
    more: dict[str, bytes] | None = None,
    dataset: Dataset = DATASET,
) -> Manifest:
    """Write a version: by default the logistic regression with slope 1. `more` are files beside it."""
    files = {"model.onnx": graph or linear_graph(), "golden.json": golden_rows or golden(), **(more or {})}
    versions = Versions(store, model)
    assert versions.claim(f"training-{number}") == number
    manifest = make_manifest(
        number,
        f"training-{number}",
        model=model,
        seed=7,
        contract=contract,
        key=key,
        dataset=dataset,
        libraries={"scikit-learn": "1.9.1"},
        candidate="logistic",
        parameters={"C": 1.0},
        metrics={"test": {"accuracy": 0.97}},
        gates=(Gate(name="accuracy", passed=passed, observed=0.97, required=0.95),),
        threshold=threshold,
        files={name: describe(content) for name, content in files.items()},
    )
    versions.write(manifest, files)
    return manifest


def promote(store: Store, number: int, model: str = "diagnosis") -> None:
    """Point the champion at a version."""
    aliases = Aliases(store, model)
    seen = aliases.read(CHAMPION) if CHAMPION in aliases.names() else None
    aliases.move(CHAMPION, number, by="test", why="it is better", seen=seen)


def go_back(store: Store, number: int, model: str = "diagnosis") -> None:
    """Roll the champion back to a version, whether or not that is there."""
    aliases = Aliases(store, model)
    aliases.move(CHAMPION, number, by="test", why="it is worse", seen=aliases.find(CHAMPION), action="rollback")


def steeper(store: Store, number: int, **options: Any) -> Manifest:
    """Write a version whose logistic regression has its number as slope."""
    return put_version(store, number, graph=linear_graph(number), golden_rows=golden(number), **options)


def challenge_with(store: Store, number: int, share: float = 0.0, model: str = "diagnosis") -> None:
    """Make a version the challenger."""
    challenge(Versions(store, model), Aliases(store, model), number, share=share, by="test", why="it may be better")


def private_version(store: Store) -> None:
    """Write and promote a version whose columns are kept, hashed and dropped; its golden rows carry MARK."""
    rows = [{**row, "name": MARK} for row in ROWS]
    answers = [[1 - probability(row), probability(row)] for row in ROWS]
    golden = json.dumps({"rows": rows, "probabilities": answers}).encode()
    put_version(store, 1, contract=PRIVATE, graph=with_categories(), golden_rows=golden)
    promote(store, 1)


def with_categories() -> bytes:
    """The logistic regression with a second input of text, which it doesn't look at."""
    model = load_from_string(linear_graph())
    model.graph.input.append(helper.make_tensor_value_info("categories", TensorProto.STRING, [None, 1]))
    content: bytes = model.SerializeToString()
    return content


def _serialize(graph: Any) -> bytes:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content
