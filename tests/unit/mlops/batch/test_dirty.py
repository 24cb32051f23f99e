"""Inputs that can't be scored end clearly, and write nothing that looks whole."""

import gzip
import json

import obstore
import pyarrow as pa
import pytest

from mlops.contract import Column, Contract, Target
from mlops.errors.batch import BatchIncomplete, BatchInputChanged, BatchRejected
from mlops.errors.data import EventInvalid
from mlops.errors.registry import VersionNotFound
from mlops.errors.serving import ExplanationUnavailable
from mlops.registry.aliases import CHAMPION, Aliases
from tests.unit.mlops.batch.world import World, make_table, write_parquet
from tests.unit.mlops.serving.artifacts import MARK, private_version, put_version, steeper


def rejected(world: World, match: str, place: str = "", **request: object) -> None:
    """The request is rejected so, and nothing was written."""
    before = world.objects(), world.objects(world.records)
    with pytest.raises(BatchRejected, match=match):
        world.plan(place, **request)
    assert (world.objects(), world.objects(world.records)) == before


def test_an_empty_prefix_and_a_file_that_isnt_there(world: World) -> None:
    rejected(world, r"no files lie under s3://data/batch/, so there is nothing to predict")
    rejected(world, r"there is no file s3://data/batch/x\.csv", "x.csv")
    world.put("empty.csv", make_table(0))
    rejected(world, "the 1 files have no rows")


def test_a_file_of_another_model(world: World) -> None:
    world.put("rows.csv", pa.table({"user": ["a"], "item": ["b"]}))
    rejected(world, "it lacks mean radius, mean texture of the model's columns; is it of another model")
    obstore.put(world.data, "batch/rows.csv", b"mean radius,mean texture\n1,2\n")
    obstore.put(world.data, "batch/notes.txt", b"mine")
    rejected(world, r"notes\.txt: names of input files end in \.csv, \.csv\.gz, \.parquet")


def test_a_column_that_is_missing_in_the_third_of_five_files(world: World) -> None:
    for number in range(5):
        table = make_table()
        world.put(f"{number}.parquet", table.drop_columns(["mean texture"]) if number == 2 else table)
    rejected(world, r"1 of 5 files can't be scored: s3://data/batch/2\.parquet: it lacks mean texture")


def test_columns_of_other_types(world: World) -> None:
    table = make_table().set_column(1, "mean radius", pa.array([[1.0]] * 25))
    obstore.put(world.data, "batch/rows.parquet", write_parquet(table))
    rejected(world, "mean radius is list<.*> where the model takes a number")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.parquet", b"no parquet", "can't be read as Parquet"),
        ("a.csv.gz", b"no gzip", "damaged"),
        ("a.csv", b"mean radius;mean texture\n1;2\n", "separated by semicolons"),
        ("a.csv", b"mean radius,mean texture\r1,2\r", "carriage returns"),
        ("a.csv", b"mean radius,mean texture,mean radius\n1,2,3\n", "have the same name"),
        ("a.csv", "mean radius,mean texture\n1,2\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_files_that_arent_what_their_name_says(world: World, name: str, content: bytes, reason: str) -> None:
    obstore.put(world.data, f"batch/{name}", content)
    rejected(world, reason)


def test_requests_that_cant_be_carried_out(world: World) -> None:
    world.put("rows.csv", make_table())
    rejected(world, "write s3://bucket/key", input="http://data/rows.csv")
    rejected(world, "format: Input should be", format="xlsx")
    rejected(world, "the request: |rowss: Extra inputs", rowss=1)
    rejected(world, "'diagnosis' has no challenger", version="challenger")
    rejected(world, "can be written to s3://answers/ alone", output="s3://data/x/")
    rejected(world, "must not lie under runs/", output="s3://answers/runs/")
    rejected(world, "lacks patients, which the answers are to repeat", key=["patients"])
    rejected(world, "answers have a column row of their own", key=["row"])
    with pytest.raises(VersionNotFound):
        world.plan(version="7")
    with pytest.raises(ExplanationUnavailable):
        world.plan(explain=True)
    with pytest.raises(EventInvalid, match="step is 'guess'"):
        world.steps.run({"step": "guess"})


def test_a_version_that_failed_its_gates_predicts_only_as_champion(world: World) -> None:
    world.put("rows.csv", make_table())
    steeper(world.registry, 2, passed=False)
    rejected(world, "version 2 of 'diagnosis' failed its gates", version="2")
    aliases = Aliases(world.registry, "diagnosis")
    aliases.move(CHAMPION, 2, by="a person", why="it's right", seen=aliases.read(CHAMPION))
    assert world.run()["version"] == 2


def test_an_output_place_that_exists(world: World) -> None:
    world.put("rows.csv", make_table())
    obstore.put(world.answers, "mine/old.csv", b"old")
    rejected(world, r"the output mine/ isn't empty: mine/old\.csv lies there", output="s3://answers/mine")
    world.run(output="s3://answers/yours")
    rejected(world, "isn't empty", output="s3://answers/yours", key=["patient"])


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet", "rows.csv.gz"])
def test_a_file_that_is_changed_during_the_run(world: World, name: str) -> None:
    world.put(name, make_table(30))
    world.put("z.csv", make_table(5))
    planned = world.plan(chunk_rows=10)
    last = len(world.todo(planned)) - 1
    world.score(planned, only=[last])
    world.put(name, make_table(31))
    with pytest.raises(BatchInputChanged, match=rf"s3://data/batch/{name} was changed or deleted"):
        world.score(planned)
    with pytest.raises(BatchIncomplete, match=r"was changed or deleted .* run the batch again"):
        world.finish(planned)
    assert world.run(chunk_rows=10)["answered"] == 36
    obstore.delete(world.data, f"batch/{name}")
    with pytest.raises(BatchInputChanged):
        world.score(planned, only=[0])


def test_answers_that_vanished_are_no_whole_run(world: World) -> None:
    world.put("rows.csv", make_table(20))
    planned = world.plan(chunk_rows=10, output="s3://answers/mine")
    world.score(planned)
    obstore.delete(world.answers, "mine/part-000001.parquet")
    with pytest.raises(BatchIncomplete, match=r"1 of 2 chunks"):
        world.finish(planned)


def test_a_file_that_breaks_off_fails_its_chunk(world: World) -> None:
    whole = gzip.compress(b"mean radius,mean texture\n" + b"1,2\n" * 3_000_000)  # more than is read at once
    obstore.put(world.data, "batch/rows.csv.gz", whole[:-100])
    planned = world.plan()
    with pytest.raises(BatchRejected, match="the file is damaged"):
        world.score(planned)
    with pytest.raises(BatchIncomplete, match="the file is damaged"):
        world.finish(planned)


def test_rows_that_break_the_contract_are_listed_and_cost_no_other_row(world: World) -> None:
    obstore.put(
        world.data,
        "batch/rows.csv",
        b"mean radius,mean texture\n1,2\nwide,2\n-1,5000\n\n3,4\n1,2,3\n\xff,1\n,2\n5,6\n",
    )
    manifest = world.run()
    assert (manifest["rows"], manifest["answered"]) == (8, 3)
    assert world.answers_of(manifest)["row"].to_pylist() == [0, 3, 7]
    assert manifest["rejected"]["reasons"] == {
        "encoding": 1,
        "maximum": 1,
        "minimum": 1,
        "null": 1,
        "shape": 1,
        "type": 1,
    }
    place = manifest["output"].removeprefix("s3://answers/")
    lines = gzip.decompress(world.objects()[f"{place}_rejected/part-000000.jsonl.gz"]).splitlines()
    found = {line["row"]: [each["message"] for each in line["problems"]] for line in map(json.loads, lines)}
    assert found == {
        1: ["mean radius must be a number, not 'wide'"],
        2: ["mean radius must be at least 0.0 mm, not -1.0", "mean texture must be at most 1000.0, not 5000.0"],
        4: ["it has 3 cells where the header has 2"],
        5: ["it isn't UTF-8"],
        6: ["mean radius must not be null"],
    }


def test_a_row_without_a_finite_answer_is_listed(world: World) -> None:
    numbers = Contract(columns=(Column(name="a"), Column(name="b")), target=Target(name="y", task="regression"))
    from tests.unit.mlops.serving.artifacts import regression

    graph, golden = regression(numbers)
    put_version(world.registry, 1, model="sum", contract=numbers, graph=graph, golden_rows=golden)
    obstore.put(world.data, "batch/rows.csv", b"a,b\n1,2\n1e308,1e308\n3,4\n")
    manifest = world.run(model="sum", version="1")
    assert manifest["rejected"]["reasons"] == {"answer": 1}
    assert world.answers_of(manifest)["value"].to_pylist() == [3.0, 7.0]


def test_private_values_are_in_no_file_that_a_run_writes() -> None:
    world = World()
    private_version(world.registry)
    content = f"mean radius,mean texture,name\n1,2,{MARK}\n{MARK},1,x\n1,{MARK},{MARK}\n1,7777,a\n".encode()
    obstore.put(world.data, "batch/rows.csv", content)
    rejected(world, "answers can't repeat name: the privacy rule drops it", key=["name"])
    rejected(world, "answers can't repeat mean texture", key=["mean texture"])
    world.privacy_key = b"secret"
    manifest = world.run(key=["mean texture"])
    assert manifest["answered"] == 1
    (hashed,) = world.answers_of(manifest)["mean texture"].to_pylist()
    assert len(hashed) == 32
    written = {**world.objects(), **world.objects(world.records)}
    plain = {key: gzip.decompress(body) if key.endswith(".gz") else body for key, body in written.items()}
    # The text of a public column is repeated where it's wrong; those of private ones never are.
    marked = [key for key, body in plain.items() if MARK.encode() in body]
    assert all("rejected" in key or "parts" in key or "manifest" in key for key in marked)
    lines = [line for key, body in plain.items() if "_rejected" in key for line in map(json.loads, body.splitlines())]
    shown = {each["column"]: each.get("value") for line in lines for each in line["problems"]}
    assert shown == {"mean radius": repr(MARK), "mean texture": None}
    assert not any(b"7777" in body for body in plain.values())
