"""`mlops data pull` from a bucket of moto's: the exact version, checked, and never over a file that exists."""

import hashlib
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from typer.testing import CliRunner, Result

from cli.__main__ import app, main
from cli.errors import CommandError
from cli.whole_file import whole_file
from mlops.registry.manifest.manifest import Dataset
from mlops.registry.store import open_store
from tests.unit.mlops.serving.artifacts import promote, put_version

TEMPLATE = """
Resources:
  Models: {Type: AWS::S3::Bucket, Properties: {BucketName: models}}
Outputs:
  ModelsBucketName: {Value: !Ref Models}
"""
FIRST, SECOND = b"a,b\n1,2\n" * 300_000, b"a,b\n3,4\n"
KEY = "datasets/diagnosis/2026 #1.csv"


@pytest.fixture(autouse=True)
def versions(moto_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Versions 1 and 2, trained on two uploads under one key; 3 and 4 name what isn't there. The S3 versions."""
    monkeypatch.chdir(tmp_path)
    boto3.client("cloudformation").create_stack(StackName="mlops", TemplateBody=TEMPLATE)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    uploads = [s3.put_object(Bucket="data", Key=KEY, Body=body)["VersionId"] for body in (FIRST, SECOND)]
    store = open_store("s3://models")
    made = zip((1, 2, 3, 4), (*uploads, "gone", uploads[1]), (FIRST, SECOND, b"lost", b"another"), strict=True)
    for number, s3_version, body in made:
        sha256 = hashlib.sha256(body).hexdigest()
        dataset = Dataset(uri=f"s3://data/{KEY}", s3_version=s3_version, sha256=sha256, rows=25, columns=3)
        put_version(store, number, dataset=dataset)
    promote(store, 2)
    return uploads


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["data", "pull", "diagnosis", *words])


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(lambda: app(["data", "pull", "diagnosis", *words], standalone_mode=False)) == 1
    return capsys.readouterr().err


def test_each_version_gets_the_bytes_that_it_was_trained_on(versions: list[str], tmp_path: Path) -> None:
    for number, body in (("1", FIRST), ("champion", SECOND)):
        done = run(number, "--to", f"{number}.csv")
        assert done.exit_code == 0, done.output
        assert (tmp_path / f"{number}.csv").read_bytes() == body
        assert hashlib.sha256(body).hexdigest() in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "1.csv",
        "1.csv.dvc",
        "champion.csv",
        "champion.csv.dvc",
    ]


def test_the_pointer_names_the_objects_version_and_the_files_digest(versions: list[str], tmp_path: Path) -> None:
    document: dict[str, Any] = json.loads(run("1", "--json").stdout)
    pointer = yaml.safe_load((tmp_path / "2026 #1.csv.dvc").read_text())
    digest = hashlib.md5(FIRST, usedforsecurity=False).hexdigest()
    assert pointer == {
        "frozen": True,
        "deps": [
            {
                "etag": digest,
                "size": len(FIRST),
                "version_id": versions[0],
                "hash": "md5",
                "path": f"s3://data/{KEY}",
                "fs_config": {"version_aware": True},
            }
        ],
        "outs": [{"md5": digest, "size": len(FIRST), "hash": "md5", "path": "2026 #1.csv", "push": False}],
    }
    assert (document["md5"], document["s3_version"], document["file"]) == (digest, versions[0], "2026 #1.csv")


def test_a_folder_gets_the_file_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert run("2", "--to", "here").exit_code == 0
    assert (tmp_path / "here/2026 #1.csv").read_bytes() == SECOND


@pytest.mark.parametrize("name", ["mine.csv", "mine.csv.dvc"])
def test_a_file_that_exists_is_replaced_only_by_force(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine")
    assert f"{name} exists already; --force replaces" in refused(capsys, "2", "--to", "mine.csv")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"
    assert run("2", "--to", "mine.csv", "--force").exit_code == 0
    assert (tmp_path / "mine.csv").read_bytes() == SECOND


def test_a_link_that_leads_nowhere_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    for name in ("mine.csv", "mine.csv.dvc"):
        (tmp_path / name).symlink_to(tmp_path / "kept" / "no" / name)
    assert run("2", "--to", "mine.csv").exit_code == 0
    assert (tmp_path / "mine.csv").read_bytes() == SECOND
    assert not any((tmp_path / name).is_symlink() for name in ("mine.csv", "mine.csv.dvc"))
    assert [*(tmp_path / "kept").iterdir()] == []


def test_a_link_to_a_file_of_somebodys_is_replaced_by_force_and_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "theirs.csv").write_text("theirs")
    (tmp_path / "mine.csv").symlink_to(tmp_path / "theirs.csv")
    assert run("2", "--to", "mine.csv").exit_code == 1
    assert run("2", "--to", "mine.csv", "--force").exit_code == 0
    assert (tmp_path / "theirs.csv").read_text() == "theirs"
    assert (tmp_path / "mine.csv").read_bytes() == SECOND


@pytest.mark.parametrize("name", ["mine.csv", "mine.csv.dvc"])
def test_a_folder_in_the_place_of_a_file_is_never_replaced(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "precious").write_text("mine")
    words = ("2", "--to", "mine.csv", "--force")
    if name == "mine.csv":  # a folder to write into
        assert run(*words).exit_code == 0
        assert (tmp_path / name / "2026 #1.csv").read_bytes() == SECOND
    else:
        assert "can't be replaced: a folder is no dataset" in refused(capsys, *words)
        assert sorted(path.name for path in tmp_path.iterdir()) == [name]
    assert (tmp_path / name / "precious").read_text() == "mine"


def test_what_cannot_be_replaced_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with (
        pytest.raises(CommandError, match="there can't be written: Is a directory"),
        whole_file(tmp_path / "there") as path,
    ):
        path.write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("3",), "S3 version gone, any more: it was deleted, or expired"),
        (("4",), "isn't what the version was trained on: its sha256 is"),
        (("9",), "9"),
        (("2", "--to", "no/such/folder.csv"), "no/such/folder.csv can't be written: No such file or directory"),
    ],
)
def test_what_cannot_be_fetched_leaves_no_file(
    words: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, *words)
    assert [*tmp_path.iterdir()] == []
