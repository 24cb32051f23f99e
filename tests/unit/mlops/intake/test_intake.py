"""From an upload to its report: the same end whatever dies on the way, and nothing tried again in vain."""

import gzip
import importlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from mlops.data.bucket import Fetched
from mlops.errors.data import DatasetGone, EventInvalid
from mlops.intake.flow import Arrival
from tests.model_folders import model_folder
from tests.unit.mlops.registry.faults import Breaker, Interrupted
from tests.unit.mlops.samples import make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import Away, Bench, make_intake, reproducible

EVENTS = Path(__file__).parents[3] / "events"
KEY = "datasets/leaves/a.csv"
SPEC = "from tests.unit.mlops.samples import make_spec\n\nspec = make_spec()\n"

pytestmark = pytest.mark.usefixtures("swift")


@dataclass
class FakeBucket:
    """A bucket whose objects are known by key and S3 version."""

    uploads: dict[tuple[str, str | None], bytes] = field(default_factory=dict)
    written: dict[str, bytes] = field(default_factory=dict)
    progress: dict[str, bytes] = field(default_factory=dict)
    incidents: dict[str, str] = field(default_factory=dict)

    def size(self, key: str, version: str | None) -> int:
        return len(self.fetch(key, version).content)

    def fetch(self, key: str, version: str | None) -> Fetched:
        try:
            if key.endswith(".progress.json"):
                return Fetched(self.progress[key])
            return Fetched(self.uploads[key, version], self.incidents.get(key))
        except KeyError:
            raise DatasetGone(key, version) from None

    def write(self, key: str, content: bytes) -> None:
        (self.progress if key.endswith(".progress.json") else self.written)[key] = content


@dataclass
class Desk:
    """An intake with everything it talks to."""

    root: Path
    bucket: FakeBucket = field(default_factory=FakeBucket)
    bench: Bench = field(default_factory=Bench)

    def put(self, content: bytes, version: str = "v1", key: str = KEY) -> Arrival:
        self.bucket.uploads[key, version] = content
        return Arrival(bucket="data", key=key, s3_version=version)

    def take(self, arrival: Arrival) -> dict[str, object]:
        """The report, which lies in the bucket too."""
        intake = make_intake(self.bench, self.bucket, self.root)
        report = intake.take(arrival)
        assert json.loads(self.bucket.written[f"{arrival.key}.report.json"]) == report
        return report


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk beside a folder of code that has one spec, that of leaves."""
    (tmp_path / "mlops").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "leaves.py").write_text(SPEC)
    with model_folder(tmp_path / "models"):
        yield Desk(tmp_path)


def test_a_good_dataset_is_reported_with_its_version_and_metrics(desk: Desk) -> None:
    report = desk.take(desk.put(make_csv()))
    assert (report["outcome"], report["model"], report["version"]) == ("promoted", "leaves", 1)
    assert (report["dataset"], report["s3_version"]) == ("s3://data/datasets/leaves/a.csv", "v1")
    manifest = desk.bench.versions.manifest(1)
    assert report["sha256"] == manifest.dataset.sha256
    assert report["metrics"] == manifest.metrics["test"]
    assert manifest.code.commit == "abc"


def test_a_version_says_which_incident_assembled_its_dataset_and_none_of_what_a_person_uploaded(desk: Desk) -> None:
    desk.take(desk.put(make_csv()))
    key = "datasets/leaves/incident-2026-11-29-v1.csv"
    desk.bucket.incidents[key] = "2026-11-29-v1"
    desk.take(desk.put(make_csv(make_lines(seed=1)), "v2", key))
    found = [desk.bench.versions.manifest(number).dataset.incident for number in desk.bench.versions.numbers()]
    assert found == [None, "2026-11-29-v1"]


def test_a_bad_dataset_gets_a_report_next_to_it_and_changes_nothing_else(desk: Desk) -> None:
    desk.take(desk.put(make_csv()))
    bad = make_csv([*make_lines(seed=1), "long,3,long"])
    report = desk.take(desk.put(bad, "v2"))
    assert (report["outcome"], report["model"], report["violation_count"]) == ("rejected", "leaves", 1)
    assert report["violations"] == [
        {
            "rule": "type",
            "message": "row 60: length must be a number, not 'long'",
            "row": 60,
            "column": "length",
            "value": "long",
        }
    ]
    assert desk.bucket.uploads[KEY, "v2"] == bad
    assert (desk.bench.versions.numbers(), desk.bench.champion) == ([1], 1)


def test_a_report_groups_violations_by_rule_and_column_and_counts_all(desk: Desk) -> None:
    report: dict[str, Any] = desk.take(
        desk.put(make_csv([f"x{row},{99 if row < 5 else 3},long" for row in range(150)]))
    )
    groups = [(each["rule"], each["column"], each["count"]) for each in report["violation_groups"]]
    assert groups == [("type", "length", 150), ("maximum", "width", 5)]
    assert report["violation_groups"][1]["examples"][0] == "row 0: width must be at most 50 mm, not '99'"
    assert [each["row"] for each in report["violations"]] == [0, 1, 2, 0, 1, 2]
    assert report["violation_count"] == 155


def test_a_row_without_a_label_is_left_out_with_a_remark_and_is_no_violation(desk: Desk) -> None:
    report = desk.take(desk.put(make_csv([*make_lines(), "5,3,", "x,3,NA", "7,3, "])))
    assert (report["outcome"], report["rejected_rows"], report["unlabelled_rows"]) == ("promoted", 0, 3)
    assert "3 rows without a kind were left out" in str(report["reason"])
    dataset = desk.bench.versions.manifest(1).dataset
    assert (dataset.rows, dataset.unlabelled_rows) == (60, 3)


@pytest.mark.parametrize("written", ["mark", "CRLF", "CR", "spaces", "digits", "gzip", "Parquet"])
def test_the_same_table_makes_one_version_however_it_is_written(desk: Desk, written: str) -> None:
    desk.take(desk.put(make_csv()))
    plain, key, file = make_csv(), KEY, io.BytesIO()
    if written == "Parquet":
        pd.read_csv(io.BytesIO(plain)).to_parquet(file)
    again = {
        "mark": b"\xef\xbb\xbf" + plain,
        "CRLF": plain.replace(b"\n", b"\r\n"),
        "CR": plain.replace(b"\n", b"\r"),
        "spaces": plain.replace(b",", b" , "),
        "digits": plain.replace(b",short", b"000,short"),
        "gzip": gzip.compress(plain),
        "Parquet": file.getvalue(),
    }[written]
    again = again.replace(b"length , width , kind", b"length,width,kind")
    key = {"gzip": f"{KEY}.gz", "Parquet": "datasets/leaves/a.parquet"}.get(written, KEY)
    report = desk.take(desk.put(again, "v2", key))
    assert (report["outcome"], report["version"]) == ("unchanged", 1)
    changed = desk.take(desk.put(make_csv(make_lines(61)[1:]), "v3"))
    assert changed["version"] == 2


def test_an_estimator_that_fails_ends_its_trial_and_not_the_training(desk: Desk) -> None:
    leaves: Any = importlib.import_module("models.leaves")
    leaves.spec = make_spec(candidates={"failing": FAILING, "linear": LogisticRegression()})
    assert desk.take(desk.put(make_csv()))["outcome"] == "promoted"
    search = desk.bench.versions.manifest(1).search
    assert search is not None
    assert [(each.candidate, each.score is None) for each in search.trials] == [("failing", True), ("linear", False)]
    assert "it failed with InvalidParameterError: The 'C' parameter" in str(search.trials[0].failure)
    assert any("failing, its own parameters: it failed with" in step for step in desk.bench.steps)


@pytest.mark.parametrize("privacy", ["keep", "drop"])
def test_candidates_all_of_which_fail_are_reported_and_not_tried_again(desk: Desk, privacy: str) -> None:
    leaves: Any = importlib.import_module("models.leaves")
    columns = tuple(column.model_copy(update={"privacy": privacy}) for column in make_spec().columns)
    leaves.spec = make_spec(candidates={"failing": FAILING}, columns=columns)
    report = desk.take(desk.put(make_csv()))
    assert report["outcome"] == "rejected"
    assert "no candidate can be fitted to this dataset: failing: it failed with" in str(report["reason"])
    assert ("The 'C' parameter" in str(report["reason"])) == (privacy == "keep")


FAILING = LogisticRegression(C=-1.0)
"""A classifier that fails in every fold."""


def test_a_model_without_a_spec_is_rejected_with_the_nearest_name(desk: Desk) -> None:
    report = desk.take(desk.put(make_csv(), key="datasets/leafs/a.csv"))
    assert (report["outcome"], report["model"]) == ("rejected", None)
    assert "write one (did you mean 'leaves'" in str(report["reason"])


REJECTED = "rejected/leaves/a.csv.jsonl"
BROKEN = make_csv([*make_lines(), "x,3,long", "5,99,long"])


def lines(desk: Desk) -> list[dict[str, object]]:
    """What lies in the bucket of the rows that break the contract."""
    return [json.loads(line) for line in desk.bucket.written[REJECTED].splitlines()]


def test_few_broken_rows_are_left_out_counted_and_written_down(desk: Desk) -> None:
    leaves: Any = importlib.import_module("models.leaves")
    leaves.spec = make_spec(max_rejected=0.05)
    report = desk.take(desk.put(BROKEN))
    assert (report["outcome"], report["rejected_rows"]) == ("promoted", 2)
    assert "2 of 62 rows broke the contract and were left out" in str(report["reason"])
    assert report["rejected"] == f"s3://data/{REJECTED}"
    found = [(each["row"], each["column"], each["rule"], each["value"]) for each in lines(desk)]
    assert found == [(60, "length", "type", "x"), (61, "width", "maximum", "99")]
    dataset = desk.bench.versions.manifest(1).dataset
    assert (dataset.rows, dataset.rejected_rows) == (60, 2)


def test_more_broken_rows_refuse_the_dataset_and_are_written_down_all_the_same(desk: Desk) -> None:
    report = desk.take(desk.put(BROKEN))
    assert (report["outcome"], report["rejected"]) == ("rejected", f"s3://data/{REJECTED}")
    assert [each["row"] for each in lines(desk)] == [60, 61]
    assert desk.bench.versions.numbers() == []


def test_a_private_value_reaches_neither_the_report_nor_the_rejected_rows(desk: Desk) -> None:
    leaves: Any = importlib.import_module("models.leaves")
    private = [column.model_copy(update={"privacy": "drop"}) for column in make_spec().columns]
    leaves.spec = make_spec(columns=tuple(private), max_rejected=0.05)
    desk.take(desk.put(make_csv([*make_lines(), "MARKED,3,long", "5,77.125,long"])))
    assert len(lines(desk)) == 2
    for content in desk.bucket.written.values():
        assert b"MARKED" not in content
        assert b"77.125" not in content


def test_a_dataset_without_a_broken_row_leaves_nothing_in_rejected(desk: Desk) -> None:
    report = desk.take(desk.put(make_csv()))
    assert (report["rejected_rows"], [*desk.bucket.written]) == (0, [f"{KEY}.report.json"])
    assert "rejected" not in report
    desk.take(desk.put(b"length,kind\n1,long\n", "v2"))
    assert [*desk.bucket.written] == [f"{KEY}.report.json"]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.parquet"])
def test_other_formats_are_taken_too(desk: Desk, name: str) -> None:
    if name.endswith(".gz"):
        content = gzip.compress(make_csv())
    else:
        file = io.BytesIO()
        pd.read_csv(io.BytesIO(make_csv())).to_parquet(file)
        content = file.getvalue()
    report = desk.take(desk.put(content, key=f"datasets/leaves/{name}"))
    assert report["outcome"] == "promoted"


@pytest.mark.parametrize(
    "key", ["datasets/a.csv", "datasets/leaves/deep/a.csv", "datasets/leaves/a.txt", "leaves/a.csv"]
)
def test_a_key_that_names_no_model_is_rejected_with_the_form_of_keys(desk: Desk, key: str) -> None:
    report = desk.take(desk.put(make_csv(), key=key))
    assert report["outcome"] == "rejected"
    assert "datasets/<model>/<name>.csv" in str(report["reason"])


def test_an_estimator_that_cannot_be_compiled_is_reported_and_the_next_version_is_whole(desk: Desk) -> None:
    leaves: Any = importlib.import_module("models.leaves")
    leaves.spec = make_spec(candidates={"boosted": CannotBeCompiled()})
    arrival = desk.put(make_csv())
    for _ in range(2):
        report = desk.take(arrival)
        assert report["outcome"] == "rejected"
        assert "CannotBeCompiled" in str(report["reason"])
    assert desk.bench.versions.numbers() == []
    (desk.root / "models" / "leaves.py").write_text(f"{SPEC}# mended\n")
    leaves.spec = make_spec()
    assert desk.take(arrival)["outcome"] == "promoted"
    assert desk.bench.versions.numbers() == [desk.bench.champion]


class CannotBeCompiled(HistGradientBoostingClassifier):  # type: ignore[misc]
    """A classifier of somebody's own, of which no exact graph is known."""


def test_a_dataset_that_was_deleted_is_logged_and_gets_no_report(desk: Desk) -> None:
    arrival = Arrival(bucket="data", key=KEY, s3_version="v1")
    intake = make_intake(desk.bench, desk.bucket, desk.root)
    report = intake.take(arrival)
    assert report["outcome"] == "rejected"
    assert "deleted before it was read" in str(report["reason"])
    assert desk.bucket.written == {}


def test_what_a_retry_may_cure_is_raised_without_a_report(desk: Desk) -> None:
    desk.bench.mirror.away = True
    arrival = desk.put(make_csv())
    with pytest.raises(Away):
        desk.take(arrival)
    assert desk.bucket.written == {}
    desk.bench.mirror.away = False
    assert desk.take(arrival)["outcome"] == "promoted"


def guarded(desk: Desk) -> tuple[tuple[object, list[str]], ...]:
    return (desk.bucket, ["fetch", "write"]), (desk.bench.mirror, ["record", "register"])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_training_that_dies_in_any_call_is_finished_by_the_next_delivery(desk: Desk, after: bool) -> None:
    # The first search says its trials; the others have its result.
    desk.take(desk.put(make_csv()))
    undisturbed = Desk(desk.root)
    with Breaker(store=undisturbed.bench.store).installed(*guarded(undisturbed)) as whole:
        undisturbed.take(undisturbed.put(make_csv()))
    wanted = undisturbed.bench.versions.manifest(1)
    # One call each: read, record, register and write the report; the rest is the registry's.
    assert whole.calls > 12
    for call in range(1, whole.calls + 1):
        again = Desk(desk.root)
        arrival = again.put(make_csv())
        with Breaker(call, after, again.bench.store).installed(*guarded(again)), pytest.raises(Interrupted):
            again.take(arrival)
        report = again.take(arrival)
        made = again.bench.versions.manifest(1)
        assert (report["version"], reproducible(made)) == (1, reproducible(wanted)), call
        assert made.training_key == wanted.training_key, call
        # Who dies after the promotion finds the version serving already.
        assert report["outcome"] in ("promoted", "unchanged"), call
        assert (again.bench.versions.numbers(), again.bench.champion) == ([1], 1), call
        assert (len(again.bench.mirror.runs), again.bench.mirror.registered) == (1, {1: made.mlflow_run_id}), call
        again.bench.check()


def test_an_arrival_is_read_from_an_object_created_event() -> None:
    event = json.loads((EVENTS / "eventbridge-object-created.json").read_text())
    found = event["detail"]["object"]
    arrival = Arrival.from_message(json.dumps(event))
    assert (arrival.key, arrival.s3_version) == (found["key"], found["version-id"])
    assert arrival.bucket == event["detail"]["bucket"]["name"]
    del found["version-id"]
    assert Arrival.from_message(json.dumps(event)).s3_version is None


INVALID = {
    "": "isn't JSON",
    "{": "isn't JSON",
    "{}": "'detail'",
    '{"detail": {}}': "'object'",
    '{"detail": {"object": {"key": "a"}}}': "'bucket'",
    '{"detail": "text"}': "objects",
    "[1]": "objects",
    "null": "objects",
}


@pytest.mark.parametrize("body", INVALID)
def test_a_message_that_is_not_of_an_upload_is_refused_with_what_it_lacks(body: str) -> None:
    with pytest.raises(EventInvalid, match=INVALID[body]):
        Arrival.from_message(body)
