"""Commands on a local AWS whose clock was moved ahead: they look, count and decide by that clock."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

import cli.feedback
from cli.__main__ import app
from cli.history import open_history
from cli.stack import Stack
from localaws.commands.remote import call
from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.store import open_store
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, make_record, put_records
from tests.unit.mlops.serving.artifacts import put_version

AHEAD = timedelta(days=40)
TABLE = """
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: KEY, AttributeType: S}]
      KeySchema: [{AttributeName: KEY, KeyType: HASH}]
"""
TEMPLATE = f"""
Resources:
  Models: {{Type: AWS::S3::Bucket}}
  Records: {{Type: AWS::S3::Bucket}}
  Keys: {TABLE.replace("KEY", "digest")}
  Sessions: {TABLE.replace("KEY", "id")}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: api
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {{ZipFile: "def handler(event, context): print('recent')"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]
  Api: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: /aws/lambda/api}}}}
Outputs:
  ModelsBucketName: {{Value: !Ref Models}}
  RecordsBucketName: {{Value: !Ref Records}}
  KeysTableName: {{Value: !Ref Keys}}
  SessionsTableName: {{Value: !Ref Sessions}}
  ConsoleUrl: {{Value: http://127.0.0.1:9/console}}
  ApiUrl: {{Value: http://127.0.0.1:9}}
  ApiLogGroup: {{Value: !Ref Api}}
  TrainLogGroup: {{Value: !Ref Api}}
  IngestLogGroup: {{Value: !Ref Api}}
  MonitorLogGroup: {{Value: !Ref Api}}
  BatchLogGroup: {{Value: !Ref Api}}
"""


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A stack `mlops` on a local AWS whose clock is 40 days ahead, with two versions of a model."""
    port, folder = free_port(), tmp_path_factory.mktemp("moved")
    options = ["--port", str(port), "--http-port", str(free_port()), "--state-dir", str(folder / "state")]
    command = [sys.executable, "-m", "localaws", "up", *options]
    with (
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process,
        pytest.MonkeyPatch.context() as patch,
    ):
        try:
            assert process.stdout
            assert any(line.startswith("  export ") for line in process.stdout)
            settings = {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
                "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
            for name, value in settings.items():
                patch.setenv(name, value)
            patch.setattr(boto3, "DEFAULT_SESSION", None)
            boto3.client("cloudformation").create_stack(StackName="mlops", TemplateBody=TEMPLATE)
            call(port, "tick", {"duration": f"{AHEAD.days}d"})
            registry = open_store(f"s3://{Stack('mlops', announce=False).outputs['ModelsBucketName']}")
            for number in (1, 2):
                put_version(registry, number, model=MODEL, contract=CONTRACT)
            yield
        finally:
            process.terminate()
            process.wait(60)


pytestmark = pytest.mark.usefixtures("moved")


def now() -> datetime:
    """The time by the moved clock, to some seconds."""
    return datetime.now(UTC) + AHEAD


def run(*words: str) -> Any:
    """What a command prints as JSON."""
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def is_now(moment: datetime) -> bool:
    return abs(moment - now()) < timedelta(minutes=10)


def test_the_stack_has_the_time_of_its_own_clock() -> None:
    assert is_now(Stack("mlops").now())


def test_versions_are_promoted_at_its_time_and_audited_until_then() -> None:
    run("models", "promote", MODEL, "1", "--by", "ada")
    registry = open_store(f"s3://{Stack('mlops').outputs['ModelsBucketName']}")
    (move,) = Aliases(registry, MODEL).read(CHAMPION).history  # type: ignore[union-attr]
    assert is_now(move.at)
    run("models", "promote", MODEL, "2", "--by", "ada", "--canary", "0.1", "--for", "1d")
    (listed,) = [each for each in run("models", "list") if each["version"] == 2]
    assert is_now(datetime.fromisoformat(listed["canary"]["until"]) - timedelta(days=1))
    words = ("audit", MODEL, "--at", (move.at + timedelta(milliseconds=1)).isoformat())
    # Each command takes AWS's time from a date in whole seconds, so one may be a little behind that before it.
    assert wait_until(lambda: CliRunner().invoke(app, words).exit_code == 0, 60)
    found = run(*words)
    assert [role["version"] for role in found["roles"]][:1] == [1]


def test_records_of_the_last_day_are_those_of_its_last_day(tmp_path: Path) -> None:
    store = open_store(f"s3://{Stack('mlops').outputs['RecordsBucketName']}")
    recent = make_record(now() - timedelta(hours=1), 1, model_version=1)
    old = make_record(datetime.now(UTC) - timedelta(hours=1), 2, model_version=1)
    put_records(store, [recent])
    put_records(store, [old])
    wanted = [recent["prediction_id"]]
    version = ("--version", "1", "--since", "1d")
    assert [row["prediction_id"] for row in run("records", "show", MODEL, *version)] == wanted
    assert [row["predictions"] for row in run("records", "count", MODEL, *version)["predictions"]] == [1]
    sql = "SELECT prediction_id FROM predictions"
    assert [row["prediction_id"] for row in run("records", "query", MODEL, sql, *version)] == wanted
    file = tmp_path / "records.jsonl"
    run("records", "export", MODEL, str(file), *version)
    assert [json.loads(line)["prediction_id"] for line in file.read_text().splitlines()] == wanted
    assert len(run("records", "show", MODEL, "--version", "1", "--since", "60d")) == 2


def test_log_lines_of_the_last_hour_are_those_of_its_last_hour() -> None:
    logs, group = boto3.client("logs"), Stack("mlops").outputs["ApiLogGroup"]
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    moment = int(datetime.now(UTC).timestamp() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": moment, "message": "long ago"}])
    boto3.client("lambda").invoke(FunctionName="api")
    query = "fields @message | filter @message like /recent|ago/ | sort @timestamp"

    def found(since: str) -> list[str]:
        return [row["@message"].strip() for row in run("logs", "--group", "api", "--since", since, "--query", query)]

    assert wait_until(lambda: found("60d") == ["long ago", "recent"])
    assert found("1h") == ["recent"]


def test_a_key_expires_and_is_revoked_at_its_time() -> None:
    created = run("keys", "create", "ann", "--expires", "1h")
    assert is_now(datetime.fromisoformat(f"{created['created']}+00:00"))
    assert is_now(datetime.fromisoformat(f"{created['expires']}+00:00") - timedelta(hours=1))
    assert [each["state"] for each in run("keys", "list")] == ["valid"]
    run("keys", "revoke", "ann")
    (item,) = boto3.client("dynamodb").scan(TableName=Stack("mlops").outputs["KeysTableName"])["Items"]
    assert is_now(datetime.fromtimestamp(int(item["revoked"]["N"]), UTC))


def test_a_link_of_the_console_can_be_used_for_an_hour_of_its_time() -> None:
    run("console")
    (item,) = boto3.client("dynamodb").scan(TableName=Stack("mlops").outputs["SessionsTableName"])["Items"]
    assert is_now(datetime.fromtimestamp(int(item["expires"]["N"]), UTC) - timedelta(hours=1))


def test_a_redrive_is_noted_at_its_time() -> None:
    done = open_history(Stack("mlops")).redrive("queues/train", lambda: "moved 1", by="ann", why="mended")
    assert is_now(done.at)


def test_a_truth_without_a_time_is_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def answer(_: Any, method: str, path: str, body: Any = None) -> Any:
        if method == "POST":
            given.append(body)
        contract = {"contract": {"target": {"labels": ["no", "yes"]}}}
        return {"stored": 1, "model": MODEL} if method == "POST" else contract

    monkeypatch.setattr(cli.feedback, "call", answer)
    run("feedback", "send", make_record(now())["prediction_id"], "yes", "--model", MODEL)
    assert is_now(datetime.fromisoformat(given[0]["at"]))
