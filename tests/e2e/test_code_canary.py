"""A model from git to production, and new code there: a canary that's promoted, and broken ones that are taken back."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until
from tests.e2e.conftest import check_calls
from tests.stages import ProdStage, clone_checkout, commit, empty_aws

BREAK = """

from mlops.serving.answer import Answerer


async def _broken(*_: object) -> None:
    raise RuntimeError("a broken build")


Answerer.answer = _broken  # type: ignore[assignment,method-assign]
"""
REQUESTS = 300
# Beyond it a tenth of 300 requests lies once in millions of runs.
MOST_FAILURES = 60


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProdStage]:
    """The stage `prod` of a clone on a local AWS of its own; nothing is deployed yet."""
    folder = tmp_path_factory.mktemp("pipeline")
    with empty_aws(folder) as aws:
        yield ProdStage(clone_checkout(folder), aws)
    shutil.rmtree(folder / "clone" / ".localaws" / "releases", ignore_errors=True)


@pytest.fixture(scope="module")
def app(prod: ProdStage) -> str:
    """The source of the API's application."""
    return (prod.clone / "functions/app.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def delivered(prod: ProdStage) -> str:
    """A changed spec, taken through the pipeline's steps up to production; returns the trainings' summary."""
    spec = prod.clone / "functions/models/diagnosis.py"
    changed = re.sub(r'description="', 'description="Changed in git. ', spec.read_text(encoding="utf-8"), count=1)
    assert "Changed in git." in changed
    commit(prod.clone, {"functions/models/diagnosis.py": changed}, "Change the diagnosis")
    for command in (["ruff", "format", "--check"], ["ruff", "check"]):
        subprocess.run([*command, str(spec)], cwd=prod.clone, check=True)
    own = ProdStage(prod.clone, {})  # trainings start a local AWS of their own
    own.run("train-changed", "HEAD^", "--port", str(free_port()), "--http-port", str(free_port()))
    prod.run("build")
    prod.run("deploy", "prod")
    assert "passed" in prod.run("smoke", "prod")
    return (prod.clone / ".localaws/trained/summary.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def api(prod: ProdStage, delivered: str) -> Iterator[httpx.Client]:
    """A client of the stage's API, with a key."""
    outputs = prod.client("cloudformation").describe_stacks(StackName=prod.stack)["Stacks"][0]["Outputs"]
    url = next(str(output["OutputValue"]) for output in outputs if output["OutputKey"] == "ApiUrl")
    made = prod.run("mlops", "keys", "create", "canary", "--stack", prod.stack, "--json")
    key = json.loads(made[made.index("{") :])["key"]
    with httpx.Client(base_url=url, timeout=60, headers={"authorization": f"Bearer {key}"}) as client:
        yield client


@pytest.fixture
def calls_on_record(request: pytest.FixtureRequest, prod: ProdStage) -> Iterator[None]:
    """What a test is on record for needing of the stage's permissions, it has needed when it's over."""
    yield
    check_calls(request, prod.client("cloudformation"), prod.stack)


@pytest.fixture(scope="module")
def body(api: httpx.Client) -> Any:
    """The body of a prediction that the API's own documentation shows."""
    document = api.get("/openapi.json").json()
    return document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]


def failures(api: httpx.Client, body: Any, requests: int) -> int:
    """How many of so many predictions fail by the server's fault."""
    statuses = [api.post("/predict", json=body).status_code for _ in range(requests)]
    assert {*statuses} <= {200, 500}
    return statuses.count(500)


@contextmanager
def asked(api: httpx.Client, body: Any) -> Iterator[None]:
    """Somebody asks for a prediction every second meanwhile, whatever comes back."""
    over = threading.Event()

    def ask_on() -> None:
        while not over.wait(1):
            api.post("/predict", json=body)

    thread = threading.Thread(target=ask_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def subscribe_to_alarms(prod: ProdStage) -> Callable[[], list[dict[str, Any]]]:
    """Returns what reads the changes of the state of release alarms; the alarms themselves go with their versions."""
    sqs, events = prod.client("sqs"), prod.client("events")
    arn = "arn:aws:sqs:us-east-1:123456789012:alarms"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    url = sqs.create_queue(QueueName="alarms", Attributes={"Policy": policy})["QueueUrl"]
    pattern = {
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [{"prefix": f"{prod.stack}-release-errors-"}]},
    }
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alarms", Targets=[{"Id": "queue", "Arn": arn}])

    def read() -> list[dict[str, Any]]:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        return [json.loads(message["Body"]) for message in received.get("Messages", [])]

    return read


@pytest.mark.timeout(1800)
def test_a_changed_spec_is_trained_and_its_card_and_gates_come_back_with_the_stage(
    prod: ProdStage, delivered: str, api: httpx.Client, body: Any
) -> None:
    assert "## diagnosis: promoted" in delivered
    assert "| gate | outcome | observed | required | evidence |" in delivered
    assert (prod.clone / ".localaws/trained/diagnosis/card.html").is_file()
    assert prod.traffic() == ("1", {})
    assert failures(api, body, 5) == 0


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("calls_on_record")
def test_new_code_is_promoted_by_its_canary_and_too_few_requests_are_said(
    prod: ProdStage, app: str, api: httpx.Client, body: Any
) -> None:
    before, _ = prod.traffic()
    commit(prod.clone, {"functions/app.py": f"{app}\n# another build\n"}, "Change nothing that matters")
    with prod.start("deploy", "prod") as deployment:
        version = prod.shifts(deployment)
        assert prod.traffic() == (before, {version: 0.1})
        assert failures(api, body, 20) == 0
        prod.tick("10m")
        output, _ = deployment.communicate(timeout=120)
    assert deployment.returncode == 0, output
    assert prod.traffic() == (version, {})
    # Of 20 requests a tenth comes to the new version, or none: either is said.
    assert re.search("too few (requests )?to judge it", output), output
    assert prod.latest()["status"] == "Succeeded"


@pytest.mark.timeout(1800)
def test_a_broken_build_reaches_a_tenth_and_is_back_within_a_minute_of_the_alarm(
    prod: ProdStage, app: str, api: httpx.Client, body: Any
) -> None:
    before, _ = prod.traffic()
    told = subscribe_to_alarms(prod)
    commit(prod.clone, {"functions/app.py": app + BREAK}, "Break predictions")
    with prod.start("deploy", "prod") as deployment:
        version = prod.shifts(deployment)
        failed = failures(api, body, REQUESTS)
        assert 3 <= failed <= MOST_FAILURES
        for _ in range(2):  # the minute with the requests is over after one of them
            prod.tick("60s")
        output, _ = deployment.communicate(timeout=120)
    assert (deployment.returncode, "ALARM_ACTIVE" in output) == (1, True), output
    assert prod.traffic() == (before, {})
    assert failures(api, body, 50) == 0
    stopped = prod.latest()
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert f"{prod.stack}-release-errors-{version}" in stopped["errorInformation"]["message"]
    (alarmed,) = [change["time"] for change in told() if change["detail"]["state"]["value"] == "ALARM"]
    assert timedelta(0) <= stopped["completeTime"] - datetime.fromisoformat(alarmed) <= timedelta(seconds=60)
    assert "nothing to roll back" in prod.run("rollback", "prod", "--instead-of", "HEAD")


@pytest.mark.timeout(1800)
def test_the_alarm_of_a_broken_version_does_not_stop_its_fix(
    prod: ProdStage, app: str, api: httpx.Client, body: Any
) -> None:
    commit(prod.clone, {"functions/app.py": f"{app}{BREAK}\n# at once\n"}, "Break predictions for all")
    with prod.start("deploy", "prod") as broken:
        prod.shifts(broken)
        prod.tick("10m")  # nobody asked it anything: nothing was noticed
        output, _ = broken.communicate(timeout=120)
    assert (broken.returncode, "got no request during its canary: too few to judge it" in output) == (0, True), output
    version, _ = prod.traffic()
    assert failures(api, body, 20) == 20
    prod.tick("60s")
    assert wait_until(lambda: prod.alarm(version)["StateValue"] == "ALARM", 20)

    commit(prod.clone, {"functions/app.py": f"{app}\n# mended\n"}, "Mend predictions")
    # The minutes that the deployment takes have failures too: without any the alarm would go back by itself.
    with asked(api, body), prod.start("deploy", "prod") as fix:
        fixed = prod.shifts(fix)
        assert prod.alarm(version)["StateValue"] == "ALARM"
        prod.tick("10m")
        output, _ = fix.communicate(timeout=120)
    assert fix.returncode == 0, output
    assert prod.traffic() == (fixed, {})
    assert failures(api, body, 20) == 0
