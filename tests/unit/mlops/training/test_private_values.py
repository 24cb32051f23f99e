"""No value of a private column in any file, report, log line or metric of a training, whatever becomes of it."""

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import obstore
import pytest
from sklearn.linear_model import LogisticRegression

from mlops.artifact.names import ESTIMATOR, GOLDEN, INPUT_EXAMPLE, MODEL, PROFILE
from mlops.contract import Column
from mlops.errors.base import ErrorWithheld
from mlops.intake.flow import Arrival
from mlops.intake.log import TrainingLog
from mlops.registry.manifest.manifest import VersionManifest
from mlops.spec import ModelSpec
from mlops.spec.table import labels, table_spec
from mlops.telemetry import make_logger
from mlops.training import flow
from mlops.training.gates.examination import Examination
from tests.model_folders import model_folder
from tests.unit.mlops.intake.test_intake import FakeBucket
from tests.unit.mlops.private_patients import BROKEN, HEADER, PRIVATE, STRAY, leaks, make_lines, make_spec, to_csv
from tests.unit.mlops.training.fakes import Bench, FakeMirror, make_intake

KEY = "datasets/patients/2026.csv"
# What a model learns can't be taken out of it: the texts that the contract doesn't list (docs/data.md).
SPEC = "from tests.unit.mlops.private_patients import make_spec\n\nspec = make_spec()\n"
LEARNT = {MODEL, ESTIMATOR, "explainer.npz"}


@dataclass
class RecordingMirror(FakeMirror):
    """Keeps all that MLflow is given: the manifest, from which metrics, parameters and tags are made, and the files."""

    given: list[bytes] = field(default_factory=list)

    def record(self, manifest: VersionManifest, files: Any) -> str:
        self.given += [manifest.model_dump_json().encode(), *(files[name] for name in files if name not in LEARNT)]
        return super().record(manifest, files)


@dataclass
class Desk:
    """An intake whose bucket, registry, mirror and log are read afterwards."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    bucket: FakeBucket = field(default_factory=FakeBucket)
    bench: Bench = field(default_factory=lambda: Bench(mirror=RecordingMirror()))

    def take(self, content: bytes, key: str = KEY) -> dict[str, Any]:
        """Train on a dataset as train.py does; an error is logged, and raised."""
        self.bucket.uploads[key, "v"] = content
        log = TrainingLog(make_logger(sys.stdout))
        intake = make_intake(self.bench, self.bucket, self.root)
        arrival = Arrival(bucket="data", key=key, s3_version="v")
        try:
            report = intake.take(arrival)
        except Exception as error:
            log.failed(arrival, error)
            raise
        log.done(arrival, report, 1.0)
        return report

    def objects(self) -> dict[str, bytes]:
        """Every object of the two buckets but the datasets, and what MLflow was given."""
        listed = [each["path"] for part in obstore.list(self.bench.store) for each in part]
        found = {path: bytes(obstore.get(self.bench.store, path).bytes()) for path in listed}
        mirror = self.bench.mirror
        assert isinstance(mirror, RecordingMirror)
        return {**found, **self.bucket.written, **{f"mlflow/{place}": part for place, part in enumerate(mirror.given)}}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """A desk next to a folder of code whose one spec is that of patients."""
    (tmp_path / "mlops").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "patients.py").write_text(SPEC)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"train-{tmp_path.name}")
    with model_folder(tmp_path / "models"):
        yield Desk(tmp_path, capsys)


def set_spec(spec: ModelSpec) -> None:
    loaded: Any = importlib.import_module("models.patients")
    loaded.spec = spec


def test_no_file_of_a_version_or_report_has_a_private_value(desk: Desk) -> None:
    report = desk.take(to_csv([*make_lines(), *BROKEN]))
    assert report["outcome"] in ("promoted", "refused"), report
    assert report["rejected_rows"] == 3
    again = desk.take(to_csv(make_lines(400, seed=5)), key="datasets/patients/2027.csv")
    assert again["version"] == 2
    objects = desk.objects()
    assert {path.rpartition("/")[2] for path in objects if leaks(objects[path])} <= LEARNT
    written = {path.rpartition("/")[2] for path in objects}
    assert {"card.html", "evidence.json", "manifest.json", "training_rows.public.npy", "2026.csv.jsonl"} <= written
    # The marks are looked for in the right way: what can't be hidden is found.
    assert leaks(objects[f"patients/versions/1/{MODEL}"])
    printed = desk.capsys.readouterr()
    assert leaks(printed.out + printed.err) == []
    assert "dataset" in printed.out
    assert any("surname" in note for note in report["notes"])
    assert b"texts of &#39;surname&#39;" in objects["patients/versions/1/card.html"]


def test_the_files_of_a_version_hold_no_statistic_of_a_private_column(desk: Desk) -> None:
    desk.take(to_csv(make_lines()))
    objects = desk.objects()
    folder = "patients/versions/1"
    assert [*json.loads(objects[f"{folder}/{PROFILE}"])["columns"]] == ["dose"]
    manifest = desk.bench.versions_of("patients").manifest(1)
    every = [*(part.where for part in manifest.slices), *manifest.too_small]
    named = [where for where in every if not where.startswith("dose = ")]
    assert {name.partition(" = ")[0] for name in named} == {*PRIVATE}
    assert all(name.partition(" = ")[2].startswith("part ") for name in named)
    # Twice the same name would be two slices as one.
    assert len({*named}) == len(named)


def test_golden_rows_of_a_private_model_are_invented_keep_the_contract_and_exercise_the_model(desk: Desk) -> None:
    desk.take(to_csv(make_lines()))
    golden = json.loads(desk.objects()[f"patients/versions/1/{GOLDEN}"])
    rows = golden["rows"]
    assert len(rows) == 32
    answers = {answer[1] for answer in golden["probabilities"]}
    assert len(answers) > 16, "the model gives them different answers"
    for column in make_spec().columns:
        cells = [row[column.name] for row in rows]
        if column.kind != "boolean":
            real = {line.split(",")[HEADER.split(",").index(column.name)] for line in make_lines()}
            if column.kind in ("number", "integer"):
                real = {str(float(cell)) for cell in real if cell}
                cells = [None if cell is None else float(cell) for cell in cells]
            is_real = {str(cell) for cell in cells} <= real
            assert is_real == (column.privacy == "keep") or column.categories, column.name
        assert len(set(cells)) > 1, column.name
        assert any(cell is None for cell in cells) == (not column.required)
    example = json.loads(desk.objects()[f"patients/versions/1/{INPUT_EXAMPLE}"])
    assert example["data"] == [[*rows[0].values()]]


REFUSED = {
    "a header that is missing": to_csv(make_lines(), header=None),
    "columns that the contract doesn't have": to_csv([f"{line},{STRAY}" for line in make_lines()], f"{HEADER},{STRAY}"),
    "a column under another name": to_csv(make_lines(), HEADER.replace("income", f"income{STRAY}")),
    "too many broken rows": to_csv([*make_lines(100), *BROKEN * 20]),
    "texts that name rows": to_csv(
        [line.replace("MARKED", f"MARKED{place}", 2) for place, line in enumerate(make_lines())]
    ),
    "keys that stand twice": to_csv(make_lines() * 2),
    "a line that was cut off": to_csv(make_lines())[:-30],
    "a quote that isn't closed": to_csv([*make_lines(), f'K,5,"{STRAY}']),
    "another header in the middle": to_csv([*make_lines(), HEADER]),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_no_refusal_of_a_dataset_repeats_a_private_value(desk: Desk, fault: str) -> None:
    assert desk.take(REFUSED[fault])["outcome"] == "rejected"
    assert {path: leaks(content) for path, content in desk.objects().items() if leaks(content)} == {}
    printed = desk.capsys.readouterr()
    assert leaks(printed.out + printed.err) == []


def test_the_error_of_a_library_that_repeats_a_cell_is_logged_by_its_type_and_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(estimator: object, examination: Examination, spec: ModelSpec) -> None:
        float(next(text for text in examination.data.train.iloc[0] if isinstance(text, str)))

    monkeypatch.setattr(flow, "make_package", fail)
    with pytest.raises(ErrorWithheld) as raised:
        desk.take(to_csv(make_lines()))
    printed = desk.capsys.readouterr()
    assert leaks(printed.out + printed.err + str(raised.value)) == []
    assert "ValueError" in printed.out
    assert "in fail" in printed.out


def test_the_error_of_an_estimator_that_repeats_a_cell_is_reported_by_its_type(desk: Desk) -> None:
    set_spec(make_spec(candidates={"on texts": LogisticRegression()}))
    report = desk.take(to_csv(make_lines()))
    printed = desk.capsys.readouterr()
    assert leaks(printed.out + printed.err + str(report)) == []
    assert "on texts: it failed with ValueError, whose message is withheld" in str(report["reason"])


def test_the_error_of_a_model_without_private_columns_is_reported_whole(desk: Desk) -> None:
    set_spec(public_spec())
    assert "could not convert string" in str(desk.take(to_csv(make_lines()))["reason"])


def public_spec() -> ModelSpec:
    columns: tuple[Column, ...] = tuple(each.model_copy(update={"privacy": "keep"}) for each in make_spec().columns)
    return table_spec(
        "patients",
        labels("answer", "no", "yes", positive="yes"),
        columns,
        candidates={"on texts": LogisticRegression()},
        metric="log_loss",
        key=("key",),
    )
