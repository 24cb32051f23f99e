"""The data bucket over S3's protocol: exact versions, and a dataset that is created once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from mlops.monitoring.retraining.bucket import DataBucket
from tests.moto_server import moto_server


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, moto_server(patch):
        client = boto3.client("s3")
        client.create_bucket(Bucket="data")
        client.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
        yield client


def test_exactly_the_version_that_was_asked_for_is_read(s3: Any, tmp_path: Path) -> None:
    bucket, file = DataBucket(s3, "data"), tmp_path / "dataset"
    first = s3.put_object(Bucket="data", Key="datasets/leaves/a.csv", Body=b"first")["VersionId"]
    s3.put_object(Bucket="data", Key="datasets/leaves/a.csv", Body=b"second")
    assert bucket.download("datasets/leaves/a.csv", first, file)
    assert file.read_bytes() == b"first"
    assert bucket.download("datasets/leaves/a.csv", None, file)
    assert file.read_bytes() == b"second"


def test_what_was_deleted_is_reported_and_raises_nothing(s3: Any, tmp_path: Path) -> None:
    bucket, file = DataBucket(s3, "data"), tmp_path / "dataset"
    version = s3.put_object(Bucket="data", Key="datasets/leaves/b.csv", Body=b"gone")["VersionId"]
    s3.delete_object(Bucket="data", Key="datasets/leaves/b.csv", VersionId=version)
    assert not bucket.download("datasets/leaves/b.csv", version, file)
    assert not bucket.download("datasets/leaves/never.csv", None, file)
    assert bucket.read_json("datasets/leaves/b.csv.report.json") is None


def test_a_dataset_is_created_once_and_whoever_comes_later_gets_the_first_ones_metadata(
    s3: Any, tmp_path: Path
) -> None:
    bucket = DataBucket(s3, "data")
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"one")
    other.write_bytes(b"other")
    key = "datasets/leaves/incident-1.csv.gz"
    assert bucket.create(key, one, {"incident": "1", "rows": "3"}) == {"incident": "1", "rows": "3"}
    assert bucket.create(key, other, {"incident": "1", "rows": "4"})["rows"] == "3"
    found = s3.get_object(Bucket="data", Key=key)
    assert (found["Body"].read(), found["Metadata"]["incident"]) == (b"one", "1")
    assert len(s3.list_object_versions(Bucket="data", Prefix=key)["Versions"]) == 1


def test_keys_are_listed_in_order(s3: Any) -> None:
    for name in ("c.csv", "a.csv", "b.parquet"):
        s3.put_object(Bucket="data", Key=f"feedback/leaves/{name}", Body=b"")
    s3.put_object(Bucket="data", Key="feedback/leaves-2/d.csv", Body=b"")
    assert [*DataBucket(s3, "data").list_keys("feedback/leaves/")] == [
        "feedback/leaves/a.csv",
        "feedback/leaves/b.parquet",
        "feedback/leaves/c.csv",
    ]
