"""A run from its files to its manifest: the same rows, the same answers, in their order."""

import json

import numpy as np
import obstore
import pyarrow as pa
import pytest

from mlops.errors.batch import BatchIncomplete
from mlops.records.ids import PREDICTION_ID, prediction_time
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer, Scores
from tests.unit.mlops.batch.world import FILES, MODEL, NOW, World, make_table
from tests.unit.mlops.serving.artifacts import promote, steeper


def expected(world: World, table: pa.Table) -> Scores:
    """What /predict answers: the scorer's answers to the rows as it reads them from JSON."""
    scorer = Scorer.load(Versions(world.registry, MODEL), 1, 10_000)
    names = scorer.contract.names
    body = json.dumps({"rows": table.select([*names]).to_pylist()}).encode()
    return scorer.score(scorer.reader.read(body))


@pytest.mark.parametrize("ending", FILES)
def test_rows_of_each_format_get_the_answers_of_predict_in_their_order(world: World, ending: str) -> None:
    table = make_table(43)
    world.put(f"rows{ending}", table)
    manifest = world.run(f"rows{ending}", key=["patient"], chunk_rows=10)
    assert (manifest["rows"], manifest["answered"], manifest["rejected"]["rows"]) == (43, 43, 0)
    answers = world.answers_of(manifest)
    assert answers["row"].to_pylist() == list(range(43))
    assert answers["patient"].to_pylist() == table["patient"].to_pylist()
    found = [[each["benign"], each["malignant"]] for each in answers["probabilities"].to_pylist()]
    scores = expected(world, table)
    assert found == scores.probabilities
    assert answers["label"].to_pylist() == scores.labels
    assert answers["probability"].to_pylist() == [max(row) for row in found]
    assert set(answers["model_version"].to_pylist()) == {1}
    assert set(answers["file"].to_pylist()) == {f"s3://data/batch/rows{ending}"}
    ids = answers["prediction_id"].to_pylist()
    assert len({*ids}) == 43
    assert all(PREDICTION_ID.fullmatch(each) and prediction_time(each) == NOW for each in ids)
    assert len(manifest["parts"]) == (1 if ending == ".csv.gz" else 5)


def test_all_files_of_a_prefix_are_answered_by_name(world: World) -> None:
    for name, rows in (("b.csv", 7), ("a.parquet", 5), ("c.csv.gz", 3), ("_hidden.csv", 1)):
        world.put(name, make_table(rows))
    manifest = world.run()
    assert [each["uri"].rpartition("/")[2] for each in manifest["inputs"]] == ["a.parquet", "b.csv", "c.csv.gz"]
    answers = world.answers_of(manifest)
    assert answers["row"].to_pylist() == [*range(5), *range(7), *range(3)]
    assert len({*answers["prediction_id"].to_pylist()}) == 15


def test_the_second_run_with_the_same_input_is_the_first(world: World) -> None:
    world.put("rows.csv", make_table())
    first = world.run(chunk_rows=10)
    before = world.objects()
    world.now = NOW.replace(day=30)
    planned = world.plan(chunk_rows=10)
    assert planned["done"]
    assert world.todo(planned) == []
    assert planned["run"] == first["run"]
    after = world.objects()
    assert {key: after[key] for key in before} == before


def test_another_file_version_or_option_is_another_run(world: World) -> None:
    world.put("rows.csv", make_table())
    runs = {world.plan()["run"], world.plan(explain=False)["run"], world.plan(key=["patient"])["run"]}
    assert len(runs) == 2
    steeper(world.registry, 2)
    runs.add(world.plan(version="2")["run"])
    world.put("rows.csv", make_table(24))
    runs.add(world.plan()["run"])
    assert len(runs) == 4


def test_an_interrupted_run_goes_on_where_it_stopped(world: World) -> None:
    world.put("rows.parquet", make_table(40))
    planned = world.plan(chunk_rows=10)
    world.score(planned, only=[0, 2])
    with pytest.raises(BatchIncomplete, match=r"2 of 4 chunks .* \(1, 3\)"):
        world.finish(planned)
    assert not any(key.endswith("_manifest.json") for key in world.objects())
    done = world.objects()
    again = world.plan(chunk_rows=10)
    assert [item["chunk"]["number"] for item in world.todo(again)] == [1, 3]
    world.score(again)
    manifest = world.finish(again)
    assert world.answers_of(manifest)["row"].to_pylist() == list(range(40))
    kept = world.objects()
    assert all(kept[key] == content for key, content in done.items())


def test_the_version_is_pinned_and_a_rollback_in_between_is_reported(world: World) -> None:
    world.put("rows.parquet", make_table(20))
    steeper(world.registry, 2)
    promote(world.registry, 2)
    planned = world.plan(chunk_rows=10)
    world.score(planned, only=[0])
    promote(world.registry, 1)
    world.score(planned, only=[1])
    manifest = world.finish(planned)
    assert (manifest["version"], manifest["champion_at_end"]) == (2, 1)
    assert set(world.answers_of(manifest)["model_version"].to_pylist()) == {2}


def test_a_chunk_that_is_scored_twice_writes_the_same_bytes(world: World) -> None:
    world.put("rows.csv", make_table(20))
    planned = world.plan(chunk_rows=10)
    world.score(planned)
    before, records = world.objects(), world.objects(world.records)
    reports = [key for key in before if "/parts/" in key]
    obstore.delete(world.answers, reports)
    world.score(planned)
    after = world.objects()
    assert {key: after[key] for key in before if key not in reports} == {
        key: content for key, content in before.items() if key not in reports
    }
    assert world.objects(world.records) == records
    assert len(records) == 2


def test_answers_in_csv_have_the_same_numbers(world: World) -> None:
    from pyarrow import csv

    table = make_table()
    world.put("rows.csv", table)
    manifest = world.run(format="csv", output="s3://answers/mine")
    (part,) = manifest["parts"]
    found = csv.read_csv(pa.BufferReader(bytes(obstore.get(world.answers, f"mine/{part['name']}").bytes())))
    chances = np.column_stack([found[f"probabilities.{label}"] for label in ("benign", "malignant")])
    assert chances.tolist() == expected(world, table).probabilities
    assert found["row"].to_pylist() == list(range(25))
