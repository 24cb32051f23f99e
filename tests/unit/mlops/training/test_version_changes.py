"""What changed between two versions, row by row: the same that the command line says, and nothing private."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import obstore
import pytest
from botocore.exceptions import ClientError
from pydantic_core import to_json

from mlops.artifact.names import MODEL
from mlops.contract import Column
from mlops.errors.training import SpecInvalid
from mlops.privacy import HIDDEN
from mlops.spec import ModelSpec
from mlops.training import provenance
from mlops.training.trained_rows import TrainedRows, compare_trained_rows
from mlops.training.version_changes import ANSWERS, EXAMPLES, MOST_CELLS, describe_changes
from tests.unit.mlops.samples import make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import Bench

MARK = "7770"
COLUMNS = (*make_spec().columns, Column(name="site", privacy="hash"))
SPEC = make_spec(columns=COLUMNS, key=("id",))
HEADER = "id,length,width,site,kind"


def lines(seed: int = 0, rows: int = 60) -> list[str]:
    """Rows with an id, and a private column."""
    return [
        f"n{number},{length},{width},{MARK}{number % 3},{kind}"
        for number, (length, width, kind) in enumerate(line.split(",") for line in make_lines(rows, seed))
    ]


BEFORE = lines()
# Two rows went, three came, one has another width and another site, and one another site alone.
AFTER = [
    BEFORE[0].replace(f",{MARK}0,", f",{MARK}9,").replace(BEFORE[0].split(",")[2], "12.345"),
    BEFORE[1].replace(f",{MARK}1,", f",{MARK}9,"),
    *BEFORE[2:-2],
    *(f"new{number},{line.partition(',')[2]}" for number, line in enumerate(lines(seed=5)[:3])),
]


class Datasets:
    """Boto3's S3 with the datasets of versions, by their S3 version; `answer` is that to a request for another."""

    answer = "NoSuchVersion"

    def __init__(self, **contents: bytes) -> None:
        self.contents = contents

    def get_object(self, *, Bucket: str, Key: str, VersionId: str) -> dict[str, Any]:  # noqa: N803
        if VersionId not in self.contents:
            raise ClientError({"Error": {"Code": self.answer, "Message": "gone"}}, "GetObject")
        return {"Body": BytesIO(self.contents[VersionId]), "Metadata": {}}


class Pair:
    """Two versions of leaves, trained on two datasets, and what changed between them."""

    def __init__(self, before: bytes, after: bytes, spec: ModelSpec) -> None:
        bench = Bench()
        for content in (before, after):
            bench.train(content, spec)
        self.store, self.versions, self.spec = bench.store, bench.versions, spec
        found = [self.versions.table(number) for number in (1, 2)]
        self.manifests = tuple(
            each.model_copy(update={"dataset": each.dataset.model_copy(update={"s3_version": f"v{each.version}"})})
            for each in found
        )
        self.contents = {"v1": before, "v2": after}
        self.s3 = Datasets(**self.contents)

    def describe(self) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(provenance, "load_table_spec", lambda _: self.spec)
            found = describe_changes(self.s3, self.versions, (self.manifests[0], self.manifests[1]))
        document: dict[str, Any] = json.loads(to_json(found, inf_nan_mode="null"))
        return document


@pytest.fixture(scope="module")
def trained() -> Pair:
    return Pair(make_csv(BEFORE, HEADER), make_csv(AFTER, HEADER), SPEC)


@pytest.fixture
def pair(trained: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The same two versions, with a bucket of a test's own."""
    monkeypatch.setattr(provenance, "load_table_spec", lambda _: SPEC)
    trained.s3 = Datasets(**trained.contents)
    return trained


def test_rows_are_counted_as_the_command_line_counts_them(pair: Pair) -> None:
    found = pair.describe()["datasets"]
    assert (found["rows"], found["kept"], found["changed"], found["removed"], found["added"]) == ([60, 61], 56, 2, 2, 3)
    command = compare_trained_rows(*(TrainedRows.read(pair.s3, manifest) for manifest in pair.manifests))
    assert (command.kept, command.changed, command.removed, command.added) == (56, 2, 2, 3)
    assert [shift["column"] for shift in found["shifts"]] == [shift.column for shift in command.shifts]
    assert [shift["p_value"] for shift in found["shifts"]] == [shift.p_value for shift in command.shifts]


def test_examples_have_the_place_in_the_file_and_the_cells_that_changed(pair: Pair) -> None:
    found = pair.describe()["datasets"]
    width = float(BEFORE[0].split(",")[2])
    assert found["changed_rows"] == [
        {"rows": [0, 0], "cells": {"width": [width, 12.345], "site": [HIDDEN, HIDDEN]}, "more_cells": 0},
        {"rows": [1, 1], "cells": {"site": [HIDDEN, HIDDEN]}, "more_cells": 0},
    ]
    assert [row["row"] for row in found["removed_rows"]] == [58, 59]
    assert [row["row"] for row in found["added_rows"]] == [58, 59, 60]
    length, kind = lines(seed=5)[0].split(",")[1], lines(seed=5)[0].split(",")[4]
    cells = found["added_rows"][0]["cells"]
    assert (cells["length"], cells["kind"], cells["site"]) == (float(length), kind, HIDDEN)


def test_nothing_private_is_in_it(pair: Pair) -> None:
    document = pair.describe()
    assert MARK not in json.dumps(document)
    (site,) = [shift for shift in document["datasets"]["shifts"] if shift["column"] == "site"]
    assert (site["before"], site["after"]) == (None, None)
    assert site["distance"] > 0


def test_answers_that_changed_are_those_of_rows_that_neither_was_trained_on(pair: Pair) -> None:
    document = pair.describe()
    found = document["answers"]
    assert document["answers_problem"] is None
    assert 10 <= found["rows"] < 61
    assert found["changed_rows"] >= len(found["changed"]) <= ANSWERS


def test_few_examples_of_many_rows_are_kept() -> None:
    many = tuple(Column(name=f"column_{place}") for place in range(2 * MOST_CELLS))
    header = ",".join(["length", "width", *(column.name for column in many), "kind"])

    def rows(seed: int) -> bytes:
        parts = (line.rpartition(",") for line in make_lines(80, seed))
        return make_csv([f"{left},{','.join(['1'] * len(many))},{kind}" for left, _, kind in parts], header)

    spec = make_spec(columns=(*make_spec().columns, *many))
    found = Pair(rows(0), rows(1), spec).describe()["datasets"]
    assert (found["kept"], found["removed"], found["added"], found["changed"]) == (0, 80, 80, None)
    assert len(found["added_rows"]) == len(found["removed_rows"]) == EXAMPLES
    assert len(found["added_rows"][0]["cells"]) == MOST_CELLS
    assert found["added_rows"][0]["more_cells"] == len(many) + 3 - MOST_CELLS
    assert found["changed_rows"] == []


@pytest.mark.parametrize("answer", ["NoSuchVersion", "AccessDenied"])
def test_a_dataset_that_was_deleted_is_said_and_nothing_compared(pair: Pair, answer: str) -> None:
    del pair.s3.contents["v1"]
    pair.s3.answer = answer
    document = pair.describe()
    assert document["datasets"] is document["answers"] is None
    assert "was deleted" in document["datasets_problem"]


def test_a_bucket_that_is_away_is_an_error_that_lambda_sees(pair: Pair) -> None:
    del pair.s3.contents["v1"]
    pair.s3.answer = "SlowDown"
    with pytest.raises(ClientError, match="SlowDown"):
        pair.describe()


def test_a_model_whose_spec_is_gone_says_so(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> ModelSpec:
        raise SpecInvalid(name, "there is no file")

    monkeypatch.setattr(provenance, "load_table_spec", fail)
    document = describe_changes(pair.s3, pair.versions, (pair.manifests[0], pair.manifests[1]))
    assert "there is no file" in document["datasets_problem"]


def test_without_a_versions_model_the_answers_are_left_out(pair: Pair) -> None:
    path = f"leaves/versions/1/{MODEL}"
    content = obstore.get(pair.store, path).bytes()
    obstore.delete(pair.store, path)
    try:
        found = pair.describe()
    finally:
        obstore.put(pair.store, path, content)
    assert found["datasets"]["kept"] == 56
    assert found["answers"] is None
    assert MODEL in found["answers_problem"]


def test_keys_of_other_columns_recognise_no_row(pair: Pair) -> None:
    before, after = (TrainedRows.read(pair.s3, manifest) for manifest in pair.manifests)
    assert compare_trained_rows(before, after).changed == 2
    assert compare_trained_rows(before, replace(after, spec=replace(after.spec, key=("width",)))).changed is None
