"""`mlops audit` over a stack's registry and records: as text, as JSON, and its refusals."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app, main
from mlops.registry.aliases import Aliases
from mlops.registry.challenge import challenge
from mlops.registry.promotion import promote_version
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, make_record, put_records
from tests.unit.mlops.serving.artifacts import put_version

TEMPLATE = """
Resources:
  Models: {Type: AWS::S3::Bucket, Properties: {BucketName: models}}
  Records: {Type: AWS::S3::Bucket, Properties: {BucketName: records}}
Outputs:
  ModelsBucketName: {Value: !Ref Models}
  RecordsBucketName: {Value: !Ref Records}
"""
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
CANARY = NOON + timedelta(hours=1)
PROMOTED = NOON + timedelta(hours=2)


@pytest.fixture(autouse=True)
def stack(moto_server: str) -> None:
    """Version 1 is champion from noon, 2 has a fourth of the requests from 1 and is champion from 2 o'clock."""
    boto3.client("cloudformation").create_stack(StackName="mlops", TemplateBody=TEMPLATE)
    registry = open_store("s3://models")
    for number in (1, 2):
        put_version(registry, number, model=MODEL, contract=CONTRACT)
    versions = Versions(registry, MODEL)
    promote_version(versions, Aliases(registry, MODEL, lambda: NOON), 1, by="ada", why="the first")
    challenge(versions, Aliases(registry, MODEL, lambda: CANARY), 2, share=0.25, by="ada", why="a canary")
    promote_version(versions, Aliases(registry, MODEL, lambda: PROMOTED), 2, by="bob", why="[better] by 4 points")
    made = [make_record(CANARY + timedelta(seconds=number), number, model_version=1) for number in range(3)]
    made.append(make_record(CANARY + timedelta(seconds=9), 9, model_version=2, role="challenger"))
    put_records(open_store("s3://records"), made)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["audit", MODEL, *words])


def ask(moment: datetime, *words: str) -> dict[str, Any]:
    done = run("--at", moment.isoformat(), "--json", *words)
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_answer_of_a_canary_has_roles_versions_and_answers() -> None:
    found = ask(CANARY)
    assert [(role["role"], role["version"], role["share"]) for role in found["roles"]] == [
        ("champion", 1, 0.75),
        ("challenger", 2, 0.25),
    ]
    assert found["roles"][0]["next"] == 2
    assert found["roles"][0]["next_action"] == "promotion"
    assert [(each["version"], each["dataset"]["s3_version"]) for each in found["versions"]] == [(1, "v1"), (2, "v1")]
    assert found["versions"][0]["code"] == {"sha256": "c" * 64, "commit": "unknown"}
    counted = [(each["version"], each["role"], each["answers"]) for each in found["answers"]["by_version"]]
    assert counted == [(1, "champion", 3), (2, "challenger", 1)]


def test_a_moment_without_an_offset_is_in_utc_and_one_with_an_offset_is_converted() -> None:
    naive = run("--at", PROMOTED.replace(tzinfo=None).isoformat(), "--json")
    assert json.loads(naive.stdout)["roles"][0]["version"] == 2
    east = (PROMOTED - timedelta(microseconds=1)).astimezone().isoformat()
    assert json.loads(run("--at", east, "--json").stdout)["roles"][0]["version"] == 1


def test_the_stretch_of_answers_is_an_option() -> None:
    assert ask(NOON + timedelta(minutes=30), "--around", "29m")["answers"]["by_version"] == []
    assert len(ask(NOON + timedelta(minutes=30), "--around", "31m")["answers"]["by_version"]) == 2


def test_the_text_names_version_data_code_and_who_promoted() -> None:
    told = run("--at", PROMOTED.isoformat()).stdout
    assert "[better] by 4 points" in told
    assert f"sha256       {'d' * 64}" in told
    assert f"code sha256  {'c' * 64}" in told
    assert "The champion had been moved 0.0 s before" in told
    assert "none on record" in told
    assert "moved" not in run("--at", (PROMOTED + timedelta(minutes=2)).isoformat()).stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((MODEL, "--at", (NOON - timedelta(seconds=1)).isoformat()), "its first champion, version 1, was promoted at"),
        ((MODEL, "--at", "2126-11-29T12:00"), "is in the future"),
        ((MODEL, "--at", "yesterday"), "--at is 'yesterday'"),
        ((MODEL, "--at", NOON.isoformat(), "--around", "soon"), "--around is 'soon'"),
        ((MODEL, "--at", NOON.isoformat(), "--around", "99999999w"), "--around is '99999999w'; write at most 36500d"),
        ((MODEL, "--at", "0001-01-01T00:00+14:00"), "write a year from 1970 to 8999"),
        ((MODEL, "--at", "9999-12-31T23:59-14:00"), "write a year from 1970 to 8999"),
        ((MODEL, "--at", ""), "--at is ''"),
        ((MODEL, "--at", "2026-11-29T12:00+99:00"), "--at is"),
        ((MODEL, "--at", "1970-01-01"), "its first champion, version 1, was promoted at"),
        (("chrun", "--at", NOON.isoformat()), "Did you mean 'churn'?"),
    ],
)
def test_what_cannot_be_answered_is_one_line_on_standard_error(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(lambda: app(["audit", *words], standalone_mode=False)) == 1
    assert message in capsys.readouterr().err
