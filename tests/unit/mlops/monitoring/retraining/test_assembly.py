"""The dataset of an incident: each row once with its newest truth, and whole rows only; or why there's none."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops.contract import Column
from mlops.data.load import load_dataset
from mlops.errors.base import ErrorWithheld
from mlops.monitoring.incident import Incident, Retraining
from mlops.monitoring.retraining.assembly import Assembly
from mlops.records.truths import Truth
from mlops.records.window import Window
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.spec.monitoring import Monitoring
from tests.unit.mlops.monitoring.world import DATASET, FIRST, MODEL, World, day, make_id, put_records, put_truths
from tests.unit.mlops.samples import make_csv, make_lines, make_spec

KEY = f"datasets/leaves/incident-{day(1)}-v1.csv.gz"
NOON = datetime.combine(day(1), datetime.min.time(), UTC) + timedelta(hours=12)
UNTIL = Window.of_day(day(1)).end


def make_incident(since: str | None = None) -> Incident:
    return Incident(
        id=f"{day(1)}-v1",
        model=MODEL,
        version=1,
        cause="realised loss",
        status="open",
        opened_at=UNTIL,
        window=day(1).isoformat(),
        since=since,
        dataset=f"s3://data/{DATASET}",
        code="abc",
        promoted_before="by a person",
    )


def assemble(world: World, since: datetime = FIRST, until: datetime = UNTIL) -> Retraining | str:
    manifest = Versions(world.registry, MODEL).table(1)
    assembly: Assembly = world.make_run().assembly
    return assembly.assemble(make_incident(), manifest, world.spec, since, until)


def taken(world: World) -> Retraining:
    """A dataset that was assembled, and that training can read."""
    found = assemble(world)
    assert isinstance(found, Retraining), found
    assert found.refused is None
    rows = load_dataset(world.bucket.objects[KEY], KEY, world.spec)
    assert len(rows.train) + len(rows.test) == found.rows
    return found


def predict(world: World, inputs: list[dict[str, Any] | None], moment: datetime = NOON, **members: Any) -> list[str]:
    """Records of predictions made at a moment; returns their ids."""
    ids = [make_id(moment, place) for place in range(len(inputs))]
    lines = []
    for each, row in zip(ids, inputs, strict=True):
        line = {
            "record": "prediction",
            "model": MODEL,
            "timestamp": (moment + timedelta(milliseconds=1)).isoformat(timespec="milliseconds"),
            "model_version": 1,
            "role": "champion",
            "prediction_id": each,
            "label": "short",
            "inputs": row,
        } | members
        lines.append({name: value for name, value in line.items() if value is not None})
    put_records(world.records, lines, moment)
    return ids


def tell(
    world: World, ids: list[str], truth: str = "long", at: datetime = NOON, received: datetime | None = None
) -> None:
    received = received or at + timedelta(hours=1)
    put_truths(world.records, [Truth(each, truth, at) for each in ids], received)


def rows(count: int, first: float = 30.0) -> list[dict[str, Any] | None]:
    return [{"length": first + place / 8, "width": 10.0} for place in range(count)]


def make_world(**monitoring: Any) -> World:
    return World(make_spec(monitoring=Monitoring(**({"retrain_rows": 4} | monitoring))))


def test_the_last_dataset_comes_first_and_the_new_rows_follow_in_the_order_of_their_predictions() -> None:
    world = make_world()
    tell(world, predict(world, rows(5)))
    found = taken(world)
    assert (found.key, found.rows, found.new_rows, found.until) == (KEY, 65, 5, UNTIL)
    lines = world.bucket.read_rows(KEY)
    assert lines[0] == "length,width,kind"
    assert lines[1:61] == make_lines()
    assert lines[61:] == [f"{30 + place / 8:g},10,long" for place in range(5)]


def test_the_same_rows_are_the_same_bytes() -> None:
    contents = []
    for _ in range(2):
        world = make_world()
        tell(world, predict(world, rows(5)))
        taken(world)
        contents.append(world.bucket.objects[KEY])
    assert contents[0] == contents[1]


def test_a_row_of_the_last_dataset_that_has_another_truth_now_is_replaced() -> None:
    world = make_world()
    length, width, kind = make_lines()[0].split(",")
    inputs = [{"length": float(length), "width": float(width)}, *rows(5)]
    tell(world, predict(world, inputs))
    found = taken(world)
    assert (found.rows, found.new_rows) == (65, 6)
    assert kind == "short"
    assert f"{float(length):g},{float(width):g},long" in world.bucket.read_rows(KEY)


def test_equal_numbers_are_the_same_row_however_they_are_written() -> None:
    world = make_world()
    world.bucket.objects[DATASET] = make_csv(["31.0,1e1,short", "32,+10.0,short", *make_lines()[2:]])
    tell(world, predict(world, [{"length": 31, "width": 10}, {"length": 32.0, "width": 10.0}, *rows(4, 40.0)]))
    assert taken(world).rows == 58 + 6


def test_of_the_same_row_predicted_twice_the_newest_truth_stands() -> None:
    world = make_world()
    tell(world, predict(world, rows(5)))
    later = NOON + timedelta(hours=3)
    tell(world, predict(world, rows(1), later), "short", later)
    found = taken(world)
    assert found.new_rows == 5
    assert [line for line in world.bucket.read_rows(KEY) if line.startswith("30,10,")] == ["30,10,short"]


def test_of_two_truths_of_a_prediction_the_latest_stands() -> None:
    world = make_world()
    ids = predict(world, rows(5))
    tell(world, ids)
    tell(world, ids[:1], "short", NOON + timedelta(hours=2))
    taken(world)
    assert [line for line in world.bucket.read_rows(KEY) if line.startswith("30,10,")] == ["30,10,short"]


def test_rows_are_kept_in_a_table_whose_rows_are_often_equal() -> None:
    world = make_world()
    # Training took these as they are (none was rejected): equal rows are ordinary here.
    lines = [f"{place % 3},{place % 2},{('short', 'long')[place % 2]}" for place in range(60)]
    world.bucket.objects[DATASET] = make_csv(lines)
    tell(world, predict(world, [{"length": 1.0, "width": 1.0} for _ in range(5)]))
    found = assemble(world)
    assert isinstance(found, Retraining)
    assert (found.rows, found.new_rows) == (65, 5)


def test_duplicates_that_training_left_out_of_the_last_dataset_dont_make_equal_rows_ordinary() -> None:
    world = make_world()
    world.bucket.objects[DATASET] = make_csv([*make_lines(), make_lines()[0]])
    manifest = Versions(world.registry, MODEL).table(1)
    rejected = manifest.model_copy(update={"dataset": manifest.dataset.model_copy(update={"rejected_rows": 1})})
    tell(world, predict(world, [*rows(4), *rows(1)]))
    found = world.make_run().assembly.assemble(make_incident(), rejected, world.spec, FIRST, UNTIL)
    assert isinstance(found, Retraining)
    assert found.new_rows == 4


def test_truth_received_before_and_after_the_stretch_is_left_to_others() -> None:
    world = make_world()
    ids = predict(world, rows(8))
    tell(world, ids[:1], received=FIRST - timedelta(seconds=1))
    tell(world, ids[1:2], received=UNTIL)
    tell(world, ids[2:])
    assert taken(world).new_rows == 6


def test_predictions_of_versions_with_other_columns_are_left_out() -> None:
    world = make_world()
    other = make_spec(columns=(Column(name="length", unit="mm", minimum=0, maximum=100),)).contract
    manifest = world.add_version(2, FIRST)
    folder = world.registry
    obstore.put(
        folder,
        "leaves/versions/2/manifest.json",
        manifest.model_copy(update={"contract": other}).model_dump_json().encode(),
    )
    world.add_version(3, FIRST)
    tell(world, predict(world, rows(5)))
    tell(world, predict(world, rows(3, 40.0), NOON + timedelta(minutes=1), model_version=2))
    tell(world, predict(world, rows(2, 50.0), NOON + timedelta(minutes=2), model_version=3))
    assert taken(world).new_rows == 7


def test_rows_whose_inputs_arent_recorded_or_were_cut_arent_whole() -> None:
    world = make_world()
    tell(world, predict(world, [*rows(5), None, None]))
    tell(world, predict(world, rows(2, 50.0), NOON + timedelta(minutes=1), inputs_cut=["length"]))
    assert taken(world).new_rows == 5


def test_a_share_of_the_inputs_waits_until_enough_rows_are_whole() -> None:
    world = make_world()
    tell(world, predict(world, [*rows(2), *[None] * 10]))
    assert assemble(world) == f"2 of 4 rows labelled since {day(1)} 00:00 UTC"


def test_inputs_that_are_never_recorded_are_refused_with_the_setting() -> None:
    world = make_world()
    tell(world, predict(world, [None] * 6))
    found = assemble(world)
    assert isinstance(found, Retraining)
    assert "RECORD_INPUTS" in str(found.refused)
    assert found.key is None


def test_rows_from_before_the_loss_dont_count_and_are_taken_too() -> None:
    world = make_world()
    earlier = FIRST + timedelta(hours=6)
    tell(world, predict(world, rows(20), earlier), at=earlier)
    assert assemble(world) == f"0 of 4 rows labelled since {day(1)} 00:00 UTC"
    tell(world, predict(world, rows(4, 50.0)))
    assert taken(world).new_rows == 24


def test_a_dataset_that_was_deleted_is_refused() -> None:
    world = make_world()
    del world.bucket.objects[DATASET]
    tell(world, predict(world, rows(5)))
    found = assemble(world)
    assert isinstance(found, Retraining)
    assert "was deleted" in str(found.refused)


def test_a_spec_that_has_other_columns_by_now_is_refused() -> None:
    world = make_world()
    tell(world, predict(world, rows(5)))
    world.spec = make_spec(columns=(*world.spec.columns, Column(name="height", required=False)))
    found = assemble(world)
    assert isinstance(found, Retraining)
    assert "aren't those of version 1" in str(found.refused)


@pytest.mark.parametrize("ending", ["csv.gz", "parquet"])
def test_the_last_dataset_may_have_any_format(ending: str) -> None:
    world = make_world()
    key = f"datasets/leaves/a.{ending}"
    table = [line.split(",") for line in make_lines()]
    typed = pa.table(
        {
            "length": [float(row[0]) for row in table],
            "width": [float(row[1]) for row in table],
            "kind": [row[2] for row in table],
        }
    )
    sink = io.BytesIO()
    parquet.write_table(typed, sink)
    world.bucket.objects = {key: gzip.compress(make_csv()) if ending == "csv.gz" else sink.getvalue()}
    manifest = Versions(world.registry, MODEL).table(1)
    other = manifest.model_copy(update={"dataset": manifest.dataset.model_copy(update={"uri": f"s3://data/{key}"})})
    tell(world, predict(world, rows(5)))
    found = world.make_run().assembly.assemble(make_incident(), other, world.spec, FIRST, UNTIL)
    assert isinstance(found, Retraining)
    assert found.rows == 65
    loaded = load_dataset(world.bucket.objects[KEY], KEY, world.spec)
    assert len(loaded.train) + len(loaded.test) == 65


def keyed_spec() -> ModelSpec:
    return make_spec(key=("leaf",), monitoring=Monitoring(retrain_rows=4))


def keyed_world() -> World:
    """A table whose key isn't an input, so that no record has it."""
    world = World(keyed_spec())
    lines = [f"L{place},{line}" for place, line in enumerate(make_lines())]
    world.bucket.objects[DATASET] = make_csv(lines, "leaf,length,width,kind")
    return world


def test_a_key_that_no_record_has_is_refused_unless_it_comes_with_the_feedback() -> None:
    world = keyed_world()
    ids = predict(world, rows(5))
    tell(world, ids)
    found = assemble(world)
    assert isinstance(found, Retraining)
    assert "leaf aren't in the records" in str(found.refused)
    lines = [f"{each},long,{NOON.isoformat()},L{place + 58}" for place, each in enumerate(ids)]
    world.bucket.objects["feedback/leaves/a.csv"] = make_csv(lines, "prediction_id,truth,at,leaf")
    found = taken(world)
    # L58 and L59 are in the last dataset, and stand there with their newest truth.
    assert (found.rows, found.new_rows) == (63, 5)


def test_an_error_of_a_library_is_withheld_where_values_are_private() -> None:
    spec = make_spec(
        columns=(Column(name="length", minimum=0, maximum=100, privacy="drop"), Column(name="width", maximum=50)),
        monitoring=Monitoring(retrain_rows=4),
    )
    world = World(spec)
    world.bucket.broken = ValueError("could not convert 'MARKED' to float")
    tell(world, predict(world, [{"width": float(place)} for place in range(5)]))
    world.bucket.objects["feedback/leaves/a.csv"] = b"prediction_id,truth,at,length\n"
    with pytest.raises(ErrorWithheld) as withheld:
        assemble(world)
    assert "MARKED" not in str(withheld.value)


def test_what_lies_there_already_counts() -> None:
    world = make_world()
    tell(world, predict(world, rows(5)))
    first = taken(world)
    tell(world, predict(world, rows(3, 70.0), NOON + timedelta(minutes=1)))
    assert assemble(world, until=UNTIL + timedelta(days=1)) == first
    assert world.bucket.created == [KEY]
