"""No value of a private column in a record, a feedback object, a report, a log line or an export, whatever comes."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.store import MemoryStore
from onnx import TensorProto, helper, load_from_string

from cli.records.files import FORMATS, write_file
from mlops.events import ObjectCreated
from mlops.ingestion.feedback_file import FeedbackFiles
from mlops.ingestion.intake import Intake
from mlops.ingestion.log import IngestionLog
from mlops.records.join import join_truths
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.query import open_stretch
from mlops.records.standing import FeedbackSource
from mlops.records.window import Window
from mlops.telemetry import make_logger
from tests.unit.mlops.private_patients import BORN, INCOMES, NAMES, STRAY, VISITS, leaks, make_spec
from tests.unit.mlops.records.bucket import contents
from tests.unit.mlops.serving.artifacts import linear_graph, promote, put_version
from tests.unit.mlops.serving.conftest import open_api, store
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.serving.harness import _Stdout as Stdout

__all__ = ["open_api", "store"]
MODEL = "patients"
CONTRACT = make_spec().contract
KEY = ("born", "ward")
ROWS = [
    {
        "dose": 5.5 + place,
        "income": float(INCOMES[place]),
        "visits": int(VISITS[place]),
        "born": BORN[place],
        "smoker": place % 2 == 0,
        "ward": ("north", "south")[place % 2],
        "surname": NAMES[place],
    }
    for place in range(8)
]


def graph() -> bytes:
    """A logistic regression on the numbers that takes the texts too."""
    model = load_from_string(linear_graph(columns=5))
    model.graph.input.append(helper.make_tensor_value_info("categories", TensorProto.STRING, [None, 2]))
    content: bytes = model.SerializeToString()
    return content


@dataclass
class Stack:
    """The API, the ingestion and the records bucket of marked patients; `said` is all that came out of them."""

    api: Api
    registry: MemoryStore
    records: MemoryStore
    data: MemoryStore
    printed: Callable[[], str]
    now: datetime
    said: list[bytes] = field(default_factory=list)

    @property
    def at(self) -> str:
        """A time after the predictions that is still taken: another clock may be ahead."""
        return (self.now + timedelta(minutes=2)).isoformat()

    @property
    def window(self) -> Window:
        """The hours around now."""
        return Window(self.now - timedelta(hours=1), self.now + timedelta(hours=1))

    def predict(self) -> list[str]:
        """Predict the rows, and deliver their records as Firehose does; returns their ids."""
        answer = self.api.predict(*ROWS)
        assert answer.status == 200, answer.body
        lines = [line for line in self.printed().splitlines() if '"record":"prediction"' in line]
        key = f"{day_prefix(PREDICTION, MODEL, self.now.date())}a.json.gz"
        obstore.put(self.records, key, gzip.compress("\n".join(lines).encode()))
        return [each["prediction_id"] for each in answer.json["predictions"]]

    def send(self, **truth: Any) -> int:
        """Send feedback by the API; returns the status."""
        answer = self.api.ask("POST", f"/models/{MODEL}/feedback", json.dumps(truth), content_type="application/json")
        self.said += [answer.body, json.dumps(answer.headers).encode(), self.printed().encode()]
        return answer.status

    def upload(self, content: bytes, name: str) -> dict[str, Any]:
        """Put a feedback file; returns its report."""
        key = f"feedback/{MODEL}/{name}"
        obstore.put(self.data, key, content)
        files = FeedbackFiles(
            data=self.data,
            registry=self.registry,
            records=self.records,
            records_bucket="records",
            privacy_key=b"a key",
            now=lambda: self.now,
        )
        log = IngestionLog(make_logger(Stdout()))
        intake = Intake(files=files, log=log, data_bucket="data", records_bucket="records")
        intake.take(ObjectCreated(bucket="data", key=key, s3_version=None))
        report = bytes(obstore.get(self.data, f"{key}.report.json").bytes())
        obstore.delete(self.data, key)
        self.said += [report, self.printed().encode()]
        found: dict[str, Any] = json.loads(report)
        return found

    def everything(self) -> bytes:
        """All objects, unzipped, with their keys, and all that was said."""
        found = {**contents(self.records), **contents(self.data)}
        plain = [gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in found.values()]
        return b"\n".join([*(key.encode() for key in found), *plain, *self.said])


@pytest.fixture
def stack(store: MemoryStore, open_api: Callable[..., Api], capsys: pytest.CaptureFixture[str]) -> Stack:
    golden = json.dumps({"rows": ROWS[:1], "probabilities": [[1.0, 0.0]]}).encode()
    put_version(store, 1, model=MODEL, contract=CONTRACT, graph=graph(), golden_rows=golden, key=KEY)
    promote(store, 1, MODEL)
    records = MemoryStore()
    api = open_api(default_model=MODEL, privacy_key="a key", records=records, records_bucket="records")
    return Stack(api, store, records, MemoryStore(), lambda: "".join(capsys.readouterr()), datetime.now(UTC))


def to_file(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def cells(row: dict[str, Any]) -> str:
    return ",".join(str(row[name]) for name in ("income", "visits", "born", "smoker", "ward", "surname"))


WIDE = "prediction_id,income,visits,born,smoker,ward,surname,answer,at"


def test_what_feedback_files_bring_along_is_nowhere_but_in_the_files(stack: Stack) -> None:
    ids = stack.predict()
    by_id = [f"{name},{cells(row)},yes,{stack.at}" for name, row in zip(ids, ROWS, strict=True)]
    report = stack.upload(to_file(WIDE, *by_id), "by-id.csv")
    assert (report["outcome"], report["stored"]) == ("stored", len(ROWS))
    by_key = [f"{row['born']},{row['ward']},{row['surname']},no,{stack.at}" for row in ROWS]
    report = stack.upload(to_file("born,ward,surname,answer,at", *by_key), "by-key.csv")
    assert (report["outcome"], report["stored"]) == ("stored", len(ROWS))
    assert leaks(stack.everything()) == []
    found = join_truths(FeedbackSource(stack.records, MODEL, CONTRACT, stack.window, KEY))
    assert sum(table.num_rows for table in found) == len(ROWS)
    assert (found.counts.used, found.counts.superseded) == (len(ROWS), len(ROWS))


MISPLACED: dict[str, bytes] = {
    "cells in other columns": to_file(
        "prediction_id,answer,at,surname", f"{NAMES[0]},{INCOMES[0]},{BORN[0]},x", f"{STRAY},{STRAY},{STRAY},{STRAY}"
    ),
    "a time before 1970": to_file("prediction_id,answer,at", f"x,yes,{BORN[0]}T00:00:00Z"),
    "no header": to_file(f"{NAMES[0]},{INCOMES[0]},{BORN[0]},{STRAY}", f"{NAMES[1]},{INCOMES[1]},{BORN[1]},{STRAY}"),
    "another column": to_file(f"prediction_id,answer,at,{STRAY}", f"x,yes,2026-01-01T00:00:00Z,{NAMES[0]}"),
    "key cells of another kind": to_file("born,ward,answer,at", f"{STRAY},{NAMES[0]},yes,2026-01-01T00:00:00Z"),
    "a shorter row": to_file("prediction_id,answer,at", f"{NAMES[0]},{STRAY}"),
    "an open quote": to_file("prediction_id,answer,at", f'{NAMES[0]},"{STRAY}'),
    "not UTF-8": to_file("prediction_id,answer,at", f"{NAMES[0]},{STRAY},x").replace(b",x", b",\xff"),
}


@pytest.mark.parametrize("kind", MISPLACED)
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_a_value_in_the_wrong_place_of_a_file_is_not_repeated(stack: Stack, kind: str, ending: str) -> None:
    content = MISPLACED[kind]
    report = stack.upload(gzip.compress(content) if ending == ".csv.gz" else content, f"a{ending}")
    assert report["outcome"] == "rejected"
    assert leaks(stack.everything()) == []


def test_neither_is_one_in_a_parquet_file(stack: Stack, tmp_path: Path) -> None:
    born = [datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in BORN[:4]]
    for number, names in enumerate((["prediction_id", "answer", "at"], ["prediction_id", STRAY, "at"])):
        table = pa.table(dict(zip(names, ([*NAMES[:4]], [float(cell) for cell in INCOMES[:4]], born), strict=True)))
        pq.write_table(table, tmp_path / "a.parquet")
        report = stack.upload((tmp_path / "a.parquet").read_bytes(), f"{number}.parquet")
        assert report["outcome"] == "rejected"
    assert leaks(stack.everything()) == []


def test_the_api_repeats_none_of_what_is_sent_as_feedback(stack: Stack) -> None:
    (name, *_) = stack.predict()
    assert stack.send(prediction_id=name, truth="yes", at=stack.at) == 202
    assert stack.send(prediction_id=NAMES[0], truth=STRAY, at=BORN[0]) == 422
    assert stack.send(prediction_id=name, truth=float(INCOMES[0]), at=f"{BORN[0]}T00:00:00Z") == 422
    assert stack.send(**{"prediction_id": name, "truth": "yes", "at": stack.at, STRAY: NAMES[0]}) == 422
    assert stack.send(**{"truths": [{"surname": NAMES[0]}], STRAY: 1}) == 422
    assert leaks(stack.everything()) == []


@pytest.mark.parametrize("ending", FORMATS)
def test_no_export_holds_one(stack: Stack, tmp_path: Path, ending: str) -> None:
    ids = stack.predict()
    stack.upload(
        to_file(WIDE, *(f"{name},{cells(row)},yes,{stack.at}" for name, row in zip(ids, ROWS, strict=True))), "a.csv"
    )
    source = FeedbackSource(stack.records, MODEL, CONTRACT, stack.window, KEY)
    with open_stretch(source, stack.window) as stretch:
        for table in ("predictions", "feedback", "truths"):
            file = tmp_path / f"{table}{ending}"
            assert write_file(stretch.stream(f"FROM {table}"), file) == len(ROWS)
            content = file.read_bytes()
            if ending == ".parquet":
                content += json.dumps(pq.read_table(file).to_pylist(), default=str).encode()
            assert leaks(gzip.decompress(content) if ending.endswith(".gz") else content) == []
