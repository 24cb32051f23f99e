"""What a version was trained on is found again, or the reason why it can't be."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlops.contract import Column
from mlops.errors.data import DatasetLost, DatasetRejected
from mlops.registry.manifest.manifest import Manifest
from mlops.spec import ModelSpec
from mlops.training import provenance
from mlops.training.provenance import fetch_dataset, recorded_spec, valid_rows
from tests.unit.mlops.samples import make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import Bench

CONTENT = make_csv()


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return Bench().train(CONTENT).manifest


class FakeS3:
    """A bucket with one object, or none; keeps what it was asked for."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content
        self.asked: dict[str, str] = {}

    def get_object(self, **asked: str) -> dict[str, Any]:
        self.asked = asked
        if self.content is None:
            raise ClientError({"Error": {"Code": "NoSuchVersion", "Message": "gone"}}, "GetObject")
        return {"Body": BytesIO(self.content), "Metadata": {}}


def test_the_very_version_of_the_object_is_fetched(manifest: Manifest) -> None:
    s3 = FakeS3(CONTENT)
    assert fetch_dataset(s3, manifest) == CONTENT
    bucket, _, key = manifest.dataset.uri.removeprefix("s3://").partition("/")
    assert s3.asked == {"Bucket": bucket, "Key": key, "VersionId": manifest.dataset.s3_version}


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "was deleted"), (make_csv(make_lines(50)), "its digest differs")]
)
def test_a_dataset_that_is_gone_or_replaced_is_named(manifest: Manifest, content: bytes | None, reason: str) -> None:
    with pytest.raises(DatasetLost, match=reason) as caught:
        fetch_dataset(FakeS3(content), manifest)
    assert (caught.value.version, caught.value.uri) == (1, manifest.dataset.uri)


def with_today(monkeypatch: pytest.MonkeyPatch, spec: ModelSpec) -> None:
    monkeypatch.setattr(provenance, "load_table_spec", lambda _: spec)


def test_the_spec_has_the_contract_and_the_seed_that_the_version_was_trained_with(
    monkeypatch: pytest.MonkeyPatch, manifest: Manifest
) -> None:
    wider = (*make_spec().columns, Column(name="age"))
    with_today(monkeypatch, make_spec(columns=wider, seed=7, vouched=("length", "age"), slices=("age",)))
    found = recorded_spec(manifest)
    assert found.contract == manifest.contract
    assert (found.seed, found.vouched, found.slices) == (manifest.seed, ("length",), ())


def test_a_spec_that_did_not_change_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch, manifest: Manifest) -> None:
    today = make_spec()
    with_today(monkeypatch, today)
    assert recorded_spec(manifest) == replace(today, seed=manifest.seed)


def test_rows_are_checked_as_a_training_checks_them() -> None:
    assert len(valid_rows(CONTENT, "leaves.csv", make_spec())) == 60
    with pytest.raises(DatasetRejected):
        valid_rows(make_csv(make_lines(10)), "leaves.csv", make_spec())
