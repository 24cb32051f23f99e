"""The console of the running loop: its function, its layer, its permissions, and the link that the start prints."""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from localaws_testing.waiting import wait_until
from tests.e2e.conftest import ROOT, Loop
from tests.e2e.test_switch import without_rows

LINK = re.compile(r"(http\S+/console)/sign-in\?link=(\S+)")
TOKEN = re.compile(r'name="form_token" value="(\w+)"')


@pytest.fixture(scope="module")
def page(loop: Loop) -> Iterator[httpx.Client]:
    """A browser that was signed in by the link that `scripts/start` printed."""
    found = LINK.search(loop.started.output)
    assert found, loop.started.output
    with httpx.Client(base_url=found[1], timeout=60, follow_redirects=True) as client:
        assert "signs you in once" in client.get("sign-in", params={"link": found[2]}).text
        signed_in = client.post("sign-in", data={"link": found[2]})
        assert (signed_in.status_code, signed_in.url.path) == (200, "/console")
        assert client.post("sign-in", data={"link": found[2]}).status_code == 401
        yield client


def test_nobody_sees_a_page_without_signing_in(loop: Loop) -> None:
    answer = httpx.get(f"{loop.stack.outputs['ConsoleUrl']}/models/diagnosis", timeout=60)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/console/sign-in?next=%2Fconsole%2Fmodels%2Fdiagnosis",
    )


def test_the_pages_of_a_model_that_was_just_trained_show_it(page: httpx.Client) -> None:
    assert "diagnosis" in page.get("").text
    texts = {
        "models/diagnosis": "What serves",
        "models/diagnosis/versions": "What served, and who decided",
        "models/diagnosis/versions/1": "What it was made from",
        "models/diagnosis/compare": "diagnosis",
        "models/diagnosis/data": "Uploads",
        "models/diagnosis/data/columns.csv": "mean radius,values,",
        "models/diagnosis/data/difference": "two datasets",
        "models/diagnosis/versions/1/card": "Intended use",
        "models/diagnosis/versions.csv": "diagnosis.csv",
        "models/diagnosis/traffic.csv": "latency_p99_ms",
    }
    for path, text in texts.items():
        answer = page.get(path)
        assert answer.status_code == 200, path
        assert text in answer.text, path


def test_a_key_of_the_api_signs_in_and_its_revocation_ends_the_session(loop: Loop) -> None:
    def keys(*words: str) -> str:
        done = CliRunner().invoke(app, ["keys", *words, "--json"])
        assert done.exit_code == 0, done.output
        return done.stdout

    key = json.loads(keys("create", "console-reader", "--scope", "read"))["key"]
    with httpx.Client(base_url=loop.stack.outputs["ConsoleUrl"], timeout=60, follow_redirects=True) as client:
        assert "console-reader, may only look" in client.post("sign-in", data={"key": key}).text
        keys("revoke", "console-reader")
        assert "Your key" in client.get("").text


@pytest.mark.usefixtures("calls_on_record")
def test_an_action_moves_an_alias_as_the_command_line_does_and_can_be_undone(page: httpx.Client, loop: Loop) -> None:
    def act(action: str, **fields: str | int) -> httpx.Response:
        token = TOKEN.search(page.get("").text)
        assert token
        return page.post(f"models/diagnosis/{action}", data={"form_token": token[1], "why": "to see", **fields})

    def moves() -> list[tuple[str, str, str]]:
        try:
            found = loop.stack.s3.get_object(
                Bucket=loop.stack.outputs["ModelsBucketName"], Key="diagnosis/aliases/challenger.json"
            )
        except loop.stack.s3.exceptions.NoSuchKey:
            return []
        history = httpx.Response(200, content=found["Body"].read()).json()["history"]
        return [(move["action"], move["by"], move["why"]) for move in history]

    before = len(moves())
    answer = act("challenge", version=1, percent=0, moves=before)
    assert "Version 1 is the challenger now" in answer.text
    assert act("withdraw", moves=before).status_code == 409
    assert "is the challenger no longer" in act("undo", alias="challenger", moves=before + 1).text
    (challenged, undone) = moves()[before:]
    assert (challenged[0], undone[0]) == ("promotion", "withdrawal")
    assert challenged[1] == undone[1] != ""


@pytest.mark.usefixtures("calls_on_record")
def test_a_prediction_is_there_with_its_truth_is_explained_and_found_in_the_logs(
    page: httpx.Client, loop: Loop, row: dict[str, Any]
) -> None:
    answer = loop.api.post("/models/diagnosis/predict", json={"rows": [row]}).json()["predictions"][0]
    identity = answer["prediction_id"]
    truth = {"prediction_id": identity, "truth": answer["label"], "at": "2026-01-01T00:00:00Z"}
    assert loop.api.post("/models/diagnosis/feedback", json=truth).status_code == 202
    # The log has a line within seconds.
    assert wait_until(lambda: identity in page.get("models/diagnosis/predictions").text, 60)
    found = page.get("models/diagnosis/predictions", params={"id": identity, "explain": "true"})
    assert found.url.path.endswith(identity)
    explained = page.get(f"models/diagnosis/predictions/{identity}?explain=true").text
    assert "gave the same answer" in explained
    assert f"truth: <strong>{answer['label']}</strong>" in explained
    assert wait_until(lambda: identity in page.get("models/diagnosis/logs?query=predictions&since=15m").text, 60)


@pytest.mark.usefixtures("calls_on_record")
def test_two_versions_are_compared_row_by_row_by_a_function_that_keeps_what_it_finds(
    page: httpx.Client, loop: Loop, dataset: bytes
) -> None:
    part = loop.put("console-part.csv", without_rows(dataset, slice(100, 130)))["version"]
    query = {"v": [1, part]}
    # The lists of versions are believed for some seconds.
    assert wait_until(lambda: "Compare the rows of both" in page.get("models/diagnosis/compare", params=query).text, 60)
    address = "models/diagnosis/compare/rows"
    assert wait_until(lambda: "569 rows, then 539" in page.get(address, params=query).text, 120)
    found = page.get("models/diagnosis/compare", params=query).text
    for text in ("539 kept, 30 removed, 0 added", "Rows that were removed", "Answers that changed", "columns shifted"):
        assert text in found, text
    assert len(page.get(f"{address}.csv", params=query).text.splitlines()) == 32


@pytest.mark.usefixtures("calls_on_record")
def test_what_comes_next_is_what_the_scheduler_has(page: httpx.Client, loop: Loop) -> None:
    assert "monitoring looks next at <time" in page.get("").text
    source = f"s3://{loop.stack.outputs['DataBucketName']}/batch/{{date}}/"
    words = ["batch", "schedule", "console-nightly", "diagnosis", source, "--when", "cron(0 3 * * ? *)"]
    assert CliRunner().invoke(app, words).exit_code == 0
    try:
        assert wait_until(lambda: "console-nightly" in page.get("batches").text, 60)
        assert ",diagnosis," in page.get("batches/schedules.csv").text
    finally:
        assert CliRunner().invoke(app, ["batch", "unschedule", "console-nightly"]).exit_code == 0


def test_what_is_tried_leaves_no_record(page: httpx.Client, loop: Loop) -> None:
    form = page.get("models/diagnosis/try").text
    fields = dict(re.findall(r'name="(c\d+)" type="number" step="any" value="([^"]*)"', form))
    token = TOKEN.search(form)
    assert token
    assert len(fields) == 30
    answered = page.post("models/diagnosis/try", data={"form_token": token[1], "version": 1, **fields})
    assert "with a probability of" in answered.text
    assert "What moved the answer" in answered.text
    groups = loop.stack.logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/mlops-try")["logGroups"]
    (group,) = [each["logGroupName"] for each in groups]
    lines = [each["message"] for each in loop.stack.logs.filter_log_events(logGroupName=group)["events"]]
    assert lines
    assert not [line for line in lines if '"record"' in line or "probab" in line]


@pytest.mark.usefixtures("loop", "calls_on_record")
def test_the_function_that_answers_takes_no_request_that_iam_didnt_allow() -> None:
    def ask(model: str, authorizer: dict[str, Any]) -> dict[str, Any]:
        event = json.loads((ROOT / "tests" / "events" / "http-get-health.json").read_text())
        event["rawPath"] = event["requestContext"]["http"]["path"] = f"/models/{model}/versions/1/predict"
        event["requestContext"] |= {
            "http": {**event["requestContext"]["http"], "method": "POST"},
            "authorizer": authorizer,
        }
        event |= {"headers": {"content-type": "application/json"}, "body": '{"rows": [{}]}'}
        response = boto3.client("lambda").invoke(FunctionName="mlops-try", Payload=json.dumps(event))
        answer: dict[str, Any] = json.loads(response["Payload"].read())
        return answer

    signed = {"iam": {"userArn": "console"}}
    assert ask("diagnosis", {})["statusCode"] == 401
    assert ask("diagnosis", signed)["statusCode"] == 422
    # To know that there's no such model it lists those that there are.
    assert ask("nothing", signed)["statusCode"] == 404
