"""Models that answer, and what was predicted by them: records in the log and the bucket, and truths."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import obstore
from onnx import TensorProto, helper

from mlops.artifact.explanation.explainer import Explainer, Part, View
from mlops.artifact.explanation.files import write_explainer
from mlops.artifact.explanation.linear import Linear
from mlops.contract import Column, Contract, Target
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.truths import Truth
from mlops.records.write import compress, store_feedback
from tests.console_world import World
from tests.unit.mlops.serving.artifacts import MIXED, linear_graph, private_version, promote, put_version, regression

NAMES = (
    *("mean radius", "mean texture", "mean perimeter", "mean area", "mean smoothness", "mean compactness"),
    *("mean concavity", "mean concave points", "mean symmetry", "radius error", "texture error", "worst radius"),
)
LABELS = ("benign", "malignant")


def make_contract(names: Sequence[str] = NAMES, labels: tuple[str, ...] = LABELS, unit: str = "mm") -> Contract:
    """Columns of numbers, of which the first two decide."""
    columns = tuple(Column(name=name, unit=unit, minimum=0, maximum=1000) for name in names)
    return Contract(columns=columns, target=Target(name="is it ill", task="binary", labels=labels))


def add_model(
    world: World,
    model: str = "tumours",
    contract: Contract | None = None,
    versions: int = 1,
    key: tuple[str, ...] = (),
) -> Contract:
    """A model whose versions answer the logistic function of the first column less the second, and are explained."""
    contract = contract or make_contract()
    columns = len(contract.columns)
    rows = [make_row(contract, radius, texture) for radius, texture in ((1, 3), (2, 2.5), (3, 3), (4, 2), (5, 1))]
    chances = [_chance(list(row.values())) for row in rows]
    golden = json.dumps({"rows": rows, "probabilities": [[1 - chance, chance] for chance in chances]}).encode()
    for number in range(1, versions + 1):
        put_version(
            world.models,
            number,
            model=model,
            contract=contract,
            graph=linear_graph(1.0, columns),
            golden_rows=golden,
            passed=number < 3,
            key=key,
            more=_explainer(contract),
        )
    promote(world.models, 1, model)
    return contract


def add_mixed_model(world: World, model: str = "prices") -> None:
    """A regression on columns of every kind, which can't be explained."""
    graph, golden = regression(MIXED)
    put_version(world.models, 1, model=model, contract=MIXED, graph=graph, golden_rows=golden)
    promote(world.models, 1, model)


def add_private_model(world: World) -> None:
    """`diagnosis`, whose columns are kept, hashed and dropped."""
    private_version(world.models)


def make_row(contract: Contract, first: float, second: float) -> dict[str, float]:
    """A row of numbers."""
    others = [round(math.sin(place) + 2, 3) for place in range(len(contract.columns) - 2)]
    return dict(zip(contract.names, [float(first), float(second), *others], strict=True))


def make_id(moment: datetime, place: int = 0) -> str:
    """A prediction's id of a time."""
    time = f"{int(moment.timestamp() * 1000):012x}"
    return f"{time[:8]}-{time[8:]}-7000-8000-{place:012x}"


def make_record(
    contract: Contract,
    model: str,
    moment: datetime,
    place: int = 0,
    *,
    row: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A log line of a prediction by a model of `add_model`."""
    row = make_row(contract, 1 + place % 5, 2.5) if row is None else row
    chance = _chance(list(row.values()))
    label = contract.target.labels[int(chance >= 0.5)]
    return {
        "level": "INFO",
        "message": "prediction",
        "timestamp": moment.isoformat(timespec="milliseconds"),
        "service": "api",
        "record": "prediction",
        "model": model,
        "model_version": 1,
        "role": "champion",
        "latency_ms": 3.2 + place % 7,
        "function_request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "prediction_id": make_id(moment, place),
        "label": label,
        "probability": max(chance, 1 - chance),
        "probabilities": dict(zip(contract.target.labels, (1 - chance, chance), strict=True)),
        "inputs": dict(row),
        **more,
    }


def deliver(world: World, records: Sequence[Mapping[str, Any]], arrived: datetime | None = None) -> None:
    """Put records of one model and day into an object, as Firehose does."""
    first = records[0]
    moment = arrived or datetime.fromisoformat(first["timestamp"])
    name = f"mlops-records-1-{moment:%Y-%m-%d-%H-%M-%S}-{len(records)}.json.gz"
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    obstore.put(world.records, day_prefix(PREDICTION, first["model"], moment.date()) + name, compress(lines))


def add_traffic(world: World, model: str, contract: Contract, logged: int = 8, delivered: int = 60) -> list[str]:
    """Predictions of the last seconds, which the log has, and of the last hours, which were delivered; all their ids,
    the newest first. The third of the delivered ones has a truth that replaced another."""
    moments = [world.now - timedelta(seconds=1 + place) for place in range(logged)]
    world.logs.lines += [make_record(contract, model, moment, place) for place, moment in enumerate(moments)]
    earlier = [world.now - timedelta(minutes=30 + place) for place in range(delivered)]
    records = [make_record(contract, model, moment, 100 + place) for place, moment in enumerate(earlier)]
    if records:
        deliver(world, records[::-1], world.now - timedelta(minutes=29))
    if delivered > 2:
        identity = records[2]["prediction_id"]
        for label, minutes in zip(contract.target.labels, (20, 5), strict=True):
            moment = world.now - timedelta(minutes=minutes)
            store_feedback(world.records, model, [Truth(identity, label, moment)], moment)
    lines = world.logs.lines[-logged:] if logged else []
    return [record["prediction_id"] for record in (*lines, *records)]


def _chance(cells: Sequence[Any]) -> float:
    return 1 / (1 + math.exp(-(cells[0] - cells[1])))


def _explainer(contract: Contract) -> dict[str, bytes]:
    count = len(contract.columns)
    graph = helper.make_graph(
        [helper.make_node("Identity", ["numbers"], ["features"])],
        "features",
        [helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, [None, count])],
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, [None, count])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    weights = np.zeros((1, count))
    weights[0, :2] = 1.0, -1.0
    means = np.full(count, 2.0)
    part = Part(Linear(weights, means, weights @ means), count, contract.names, (View(0, -1.0), View(0)))
    return write_explainer(Explainer("log-odds", contract.names, (part,), model.SerializeToString()))
