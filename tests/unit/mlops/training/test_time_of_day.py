"""A column of times of day, from a CSV to a version that answers alike through every door, and to records and drift."""

import json
from datetime import UTC, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops.artifact.frame_reader import read_frame
from mlops.artifact.frames import frame_inputs
from mlops.artifact.inputs import Inputs, hours_since_midnight, time_from_hours
from mlops.errors.serving import InputRejected
from mlops.evaluation.inputs import encode_inputs
from mlops.monitoring.drift import make_reference
from mlops.records.bulk.cells import CellReader
from mlops.records.decode import LineDecoder, prediction_schema
from mlops.serving.protocols.mlflow.tables import read_table
from mlops.serving.protocols.v2.columns import read_columns
from mlops.serving.protocols.v2.tensors import Tensor
from mlops.serving.rows.reader import RowReader
from mlops.serving.schemas.columns import describe_columns
from mlops.serving.schemas.contract import row_schema
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from mlops.spec.table import labels, number, table_spec
from mlops.spec.table import time as clock
from tests.unit.mlops.training.fakes import Bench


def make_spec(privacy: str = "keep") -> ModelSpec:
    opens = clock("opens", required=False, privacy=privacy)
    return table_spec("leaves", labels("busy", "no", "yes", positive="yes"), opens, number("size"), trials=3)


def make_lines(rows: int = 300) -> bytes:
    """Shops are busy from eleven to two."""
    random = np.random.default_rng(7)
    lines = ["opens,size,busy"]
    for _ in range(rows):
        minute, size = int(random.integers(0, 1440)), random.normal()
        busy = random.random() < (0.95 if 660 <= minute < 840 else 0.05)
        shown = "" if random.random() < 0.05 else f"{minute // 60:02}:{minute % 60:02}"
        lines.append(f"{shown},{size:.3f},{'yes' if busy else 'no'}")
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    bench = Bench()
    outcome = bench.train(make_lines(), make_spec())
    assert outcome.standing == "promoted", outcome.manifest.gates
    return Scorer.load(bench.versions, 1, max_rows=10)


def chances(scorer: Scorer, rows: Any) -> list[float]:
    return [float(each[1]) for each in scorer.score(rows).probabilities]


def test_a_time_of_day_is_learnt_as_a_number_and_is_the_same_through_every_door(scorer: Scorer) -> None:
    sent = [{"opens": "12:30", "size": 0.5}, {"opens": "3:00:15", "size": 0.5}, {"opens": None, "size": 0.5}]
    wanted = chances(scorer, scorer.reader.read(json.dumps({"rows": sent}).encode()))
    assert wanted[0] > 0.7 > 0.3 > wanted[1]
    table = b"opens,size\n12:30,0.5\n03:00:15,0.5\n,0.5\n"
    texts = [Tensor("opens", "BYTES", (3,), ["12:30:00", "03:00:15", ""]), Tensor("size", "FP64", (3,), [0.5] * 3)]
    hours = [Tensor("opens", "FP64", (3,), [12.5, 3 + 15 / 3600, None]), Tensor("size", "FP64", (3,), [0.5] * 3)]
    assert chances(scorer, read_table(table, scorer.contract, scorer.reader)) == wanted
    for tensors in (texts, hours):
        assert chances(scorer, read_columns(tensors, scorer.contract, scorer.reader)) == wanted
    frame = pd.DataFrame({"opens": [time(12, 30), time(3, 0, 15), None], "size": [0.5] * 3})
    ours = Inputs(scorer.contract)(scorer.reader.check(sent))
    theirs = frame_inputs(scorer.contract, read_frame(scorer.contract, frame))
    np.testing.assert_array_equal(ours["numbers"], theirs["numbers"])


WRONG = ("26:15", "08:60", "8", "08:30Z", "2026-01-01T08:30", 8.5, True)


@pytest.mark.parametrize("cell", WRONG, ids=str)
def test_what_is_no_time_of_day_is_refused_with_the_form_that_is(scorer: Scorer, cell: Any) -> None:
    with pytest.raises(InputRejected, match='opens must be a time of day, "HH:MM" or "HH:MM:SS"'):
        scorer.reader.check([{"opens": cell, "size": 0.5}])


def test_the_documents_say_how_it_is_written(scorer: Scorer) -> None:
    schema = row_schema(scorer.contract)["properties"]["opens"]
    assert schema["type"] == ["string", "null"]
    assert "[0-5]" in schema["pattern"]
    bounded = scorer.contract.model_copy(
        update={"columns": (scorer.contract.columns[0].model_copy(update={"minimum": 6, "maximum": 20.5}),)}
    )
    assert "06:00:00 to 20:30:00" in describe_columns(bounded)


def test_a_record_has_it_as_written_and_monitoring_reads_its_hours(scorer: Scorer) -> None:
    line = {"prediction_id": "a", "timestamp": "2026-01-01T00:00:00Z", "model_version": 1}
    lines = [{**line, "inputs": {"opens": opens, "size": 0.5}} for opens in ("12:30:00", "03:00:15.250000", None)]
    schema = prediction_schema(scorer.contract, (), None).append(
        pa.field("inputs", pa.struct([("opens", pa.time64("us")), ("size", pa.float64())]))
    )
    decoder = LineDecoder(schema, (("prediction_id",),))
    table, bad = decoder.decode("\n".join(map(json.dumps, lines)).encode())
    assert bad == []
    assert [row["opens"] for row in table["inputs"].to_pylist()] == [time(12, 30), time(3, 0, 15, 250_000), None]
    broken, (wrong,) = decoder.decode(json.dumps({**line, "inputs": {"opens": "noon", "size": 0.5}}).encode())
    assert (broken.num_rows, wrong.line) == (0, 1)
    rows = pd.DataFrame({"opens": ["12:30:00", None], "size": [0.5, 0.5]})
    encoded = encode_inputs(rows, scorer.contract)
    assert encoded is not None
    np.testing.assert_array_equal(encoded[:, 0], [12.5, np.nan])


def test_drift_compares_hours_whether_they_come_as_numbers_or_as_text() -> None:
    column = make_spec().columns[0]
    hours = np.arange(0, 24, 0.125)
    texts = [time_from_hours(each).isoformat() for each in hours]
    reference = make_reference(hours, column)
    assert reference is not None
    again = make_reference(texts, column)
    assert again is not None
    assert again.to_dict() == reference.to_dict()
    np.testing.assert_allclose(reference.parse(["08:30:00", None]), [8.5, np.nan])
    np.testing.assert_allclose(reference.parse([8.5, np.nan]), [8.5, np.nan])


@pytest.mark.parametrize("cell", ["8:30", "08:30:00", time(8, 30)], ids=str)
def test_a_keys_time_of_day_is_that_of_the_record_however_it_is_written(cell: Any) -> None:
    reader = CellReader(make_spec().contract, ("opens",), b"", ("opens", "truth", "at"), "truths.csv")
    cells = {"opens": cell, "truth": "yes", "at": "2026-01-01T00:00:00Z"}
    assert reader.read(cells, datetime(2026, 1, 2, tzinfo=UTC)).key == {"opens": "08:30:00"}


@pytest.mark.parametrize("hours", [0.0, 8.5, 23.9999999999, 12 + 1 / 3])
def test_hours_become_a_time_of_day_and_back(hours: float) -> None:
    assert hours_since_midnight(time_from_hours(hours)) == pytest.approx(hours, abs=1e-9)


def test_private_times_of_day_are_invented_in_golden_rows() -> None:
    bench = Bench()
    bench.train(make_lines(), make_spec("hash"))
    golden = json.loads(bench.versions.read(bench.versions.manifest(1), "golden.json"))
    written = [row["opens"] for row in golden["rows"]]
    assert None in written
    assert all(time.fromisoformat(text) for text in written if text is not None)
    RowReader(make_spec("hash").contract, 100).check(golden["rows"])
