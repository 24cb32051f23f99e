"""A sample of a run's answers is recorded as the API records its own."""

import gzip
import json
from typing import Any

import numpy as np
import obstore
import pyarrow as pa
from onnx import helper, load_from_string, numpy_helper

from mlops.contract import Column, Contract, Target
from mlops.records.find import find_prediction
from mlops.records.read import read_predictions
from mlops.records.window import Window
from tests.unit.mlops.batch.world import NOW, World, make_table
from tests.unit.mlops.serving.artifacts import CONTRACT, MIXED, promote, put_version, regression, steeper, sum_graph


def records(world: World) -> list[dict[str, Any]]:
    lines = [gzip.decompress(body).splitlines() for body in world.objects(world.records).values()]
    return [json.loads(line) for each in lines for line in each]


def test_records_are_found_by_their_ids_and_read_as_the_apis(world: World) -> None:
    table = make_table(60)
    world.put("rows.parquet", table)
    answers = world.answers_of(world.run(chunk_rows=20))
    found = records(world)
    assert [each["prediction_id"] for each in found] == answers["prediction_id"].to_pylist()
    assert [each["inputs"]["mean radius"] for each in found] == table["mean radius"].to_pylist()
    assert [each["probabilities"] for each in found] == answers["probabilities"].to_pylist()
    assert {(each["model_version"], each["role"], "latency_ms" in each) for each in found} == {(1, "champion", False)}
    record = find_prediction(world.records, answers["prediction_id"][7].as_py())
    assert record is not None
    assert record["label"] == answers["label"][7].as_py()
    read = read_predictions(world.records, "diagnosis", CONTRACT, Window(NOW, NOW.replace(hour=13))).table()
    assert sorted(read["prediction_id"].to_pylist()) == answers["prediction_id"].to_pylist()


def test_a_sample_is_drawn_alike_whatever_the_chunks(world: World) -> None:
    world.put("rows.parquet", make_table(2000))
    few = world.run(records=100, chunk_rows=100)
    assert 60 <= few["records"] <= 140
    assert len(records(world)) == few["records"]
    assert world.run(records=0)["records"] == 0


def test_a_version_by_number_is_recorded_as_requested(world: World) -> None:
    world.put("rows.csv", make_table())
    steeper(world.registry, 2)
    world.run(version="2")
    assert {each["role"] for each in records(world)} == {"requested"}


def test_records_of_rows_with_missing_numbers_and_of_every_kind() -> None:
    world = World()
    graph, golden = regression(MIXED)
    put_version(world.registry, 1, contract=MIXED, graph=graph, golden_rows=golden)
    promote(world.registry, 1)
    cells = {"age": ["40", "41"], "city": ["a", "b"], "smokes": ["yes", "no"], "size": ["S", ""]}
    table = pa.table({**cells, "since": ["2020-01-01", "2020-01-02"], "weight": ["", "70.5"]})
    world.put("rows.csv", table)
    manifest = world.run()
    # A sum with a missing number isn't finite.
    assert (manifest["answered"], manifest["rejected"]["reasons"]) == (1, {"answer": 1})
    obstore.delete(world.data, "batch/rows.csv")
    world.put("more.csv", table.set_column(5, "weight", pa.array(["60", "71.5"])))
    assert world.run()["answered"] == 2
    whole = {"age": 40, "city": "a", "smokes": True, "size": "S", "since": "2020-01-01", "weight": 60.0}
    other = {"age": 41, "city": "b", "smokes": False, "size": None, "since": "2020-01-02"}
    found = sorted((each["inputs"] for each in records(world)), key=lambda inputs: float(inputs["weight"]))
    assert found == [whole, {**other, "weight": 70.5}, {**other, "weight": 71.5}]


def filling_graph() -> bytes:
    """The regression that answers the sum of two numbers, of which a missing one is 0."""
    model = load_from_string(sum_graph(2))
    (add,) = model.graph.node
    add.input[0] = "filled"
    filled = [
        helper.make_node("IsNaN", ["numbers"], ["missing"]),
        helper.make_node("Where", ["missing", "zero", "numbers"], ["filled"]),
    ]
    nodes = [*filled, add]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.append(numpy_helper.from_array(np.array(0.0), "zero"))
    content: bytes = model.SerializeToString()
    return content


def test_records_of_numbers_of_which_some_are_missing() -> None:
    numbers = Contract(
        columns=(Column(name="a"), Column(name="b", required=False)), target=Target(name="y", task="regression")
    )
    world = World.with_champion(contract=numbers, graph=filling_graph(), golden_rows=regression(numbers)[1])
    world.put("rows.parquet", pa.table({"a": [float(number) for number in range(40)], "b": [None, 5.0] * 20}))
    manifest = world.run(chunk_rows=10)
    assert world.answers_of(manifest)["value"].to_pylist() == [number + 5.0 * (number % 2) for number in range(40)]
    assert [each["inputs"] for each in records(world)] == [
        {"a": float(number), "b": 5.0 if number % 2 else None} for number in range(40)
    ]
