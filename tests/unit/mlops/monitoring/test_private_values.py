"""Private values go from feedback files to the dataset that is trained on, and nowhere else that monitoring writes."""

import gzip
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from mlops.data.load import load_dataset
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident
from mlops.records.truths import Truth
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.versions import Versions
from mlops.spec.monitoring import Monitoring
from tests.unit.mlops.monitoring.world import (
    DATASET,
    FIRST,
    World,
    after,
    day,
    make_id,
    put_records,
    put_truths,
    read_all,
    well,
    worse,
)
from tests.unit.mlops.private_patients import HEADER, leaks, make_lines, make_spec, to_csv
from tests.unit.mlops.registry.samples import FILES

NOON = datetime.combine(day(1), datetime.min.time(), UTC) + timedelta(hours=12)
MODEL = "patients"


@pytest.fixture
def world() -> World:
    """Patients whose records hold the dose alone, and whose truth came without the private columns so far."""
    world = World()
    world.spec = make_spec(monitoring=Monitoring(retrain_rows=20))
    world.bucket.objects[DATASET] = to_csv(make_lines())
    manifest = Versions(world.registry, "leaves").manifest(1)
    ours = manifest.model_copy(update={"model": MODEL, "contract": world.spec.contract})
    Versions(world.registry, MODEL).write(ours, FILES)
    Aliases(world.registry, MODEL, now=lambda: FIRST).move(CHAMPION, 1, by="training", why="passed", seen=None)
    ids = [make_id(NOON, place) for place in range(30)]
    lines = [
        {
            "record": "prediction",
            "model": MODEL,
            "timestamp": (NOON + timedelta(milliseconds=1)).isoformat(timespec="milliseconds"),
            "model_version": 1,
            "prediction_id": each,
            "label": "no",
            "inputs": {"dose": 10.0 + place},
        }
        for place, each in enumerate(ids)
    ]
    put_records(world.records, lines, NOON, MODEL)
    put_truths(world.records, [Truth(each, "yes", NOON) for each in ids], NOON + timedelta(hours=1), MODEL)
    for number, found in ((0, well()), (1, worse(1))):
        window = day(number).isoformat()
        world.looks.script[window] = WindowFacts(model=MODEL, window=window, versions=(found,))
    return world


def carried(ids: list[str]) -> bytes:
    """A feedback file with the private columns and the key, as the customer sends it."""
    rows = make_lines(len(ids), seed=9)
    names = [name for name in HEADER.split(",") if name not in ("dose", "answer")]
    cells = [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in rows]
    lines = [
        ",".join((each, "yes", NOON.isoformat(), *(row[name] for name in names)))
        for each, row in zip(ids, cells, strict=True)
    ]
    return to_csv(lines, ",".join(("prediction_id", "truth", "at", *names)))


def test_without_the_private_columns_no_dataset_is_made_and_the_reason_names_them(world: World) -> None:
    world.make_run().run(after(1), [MODEL])
    (message,) = world.announcer.messages
    state = read_all(world)[f"monitoring/{MODEL}/incidents/{day(1)}-v1.json"].decode()
    assert "income, visits, born, smoker, ward, surname, key aren't in the records" in state
    assert '"dead end"' in state
    assert world.bucket.created == []
    assert message.text


def test_with_them_the_dataset_can_be_trained_on_and_nothing_else_has_a_private_value(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Powertools keeps one logger a service, with the stream that it was made with.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "monitor-private-values")
    world.log = StringIO()
    ids = [make_id(NOON, place) for place in range(30)]
    world.bucket.objects[f"feedback/{MODEL}/november.csv"] = carried(ids)
    world.make_run().run(after(1), [MODEL])
    (key,) = world.bucket.created
    made = world.bucket.objects[key]
    assert leaks(gzip.decompress(made)), "the marks are in the dataset, so that the test sees them"
    # Their keys are those of the first rows, which now stand with their newest truth.
    data = load_dataset(made, key, world.spec)
    assert len(data.train) + len(data.test) == 320
    logged, printed = world.log.getvalue(), capsys.readouterr().out
    assert '"new_rows":30' in logged
    assert "WindowsMonitored" in printed
    announced = "".join(each.model_dump_json() for each in world.announcer.sent)
    texts = (announced, str(world.bucket.metadata), logged, printed)
    written = b"\n".join([*read_all(world).values(), *(text.encode() for text in texts)])
    assert leaks(written) == []


def test_what_was_assembled_is_what_the_incident_says(world: World) -> None:
    ids = [make_id(NOON, place) for place in range(30)]
    world.bucket.objects[f"feedback/{MODEL}/november.csv"] = carried(ids)
    world.make_run().run(after(1), [MODEL])
    written = read_all(world)[f"monitoring/{MODEL}/incidents/{day(1)}-v1.json"]
    retraining = Incident.model_validate_json(written).retraining
    assert retraining
    assert (retraining.rows, retraining.new_rows) == (320, 30)
