"""CodeDeploy's lifecycle events, and what the function answers to each."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mlops.authorization.grants import Grant
from mlops.authorization.keys import digest
from mlops.release.check_key import SECONDS, CheckKeys
from mlops.release.hook import Hook
from mlops.telemetry import make_logger

START = datetime(2026, 11, 29, 12, tzinfo=UTC)
NOW = START.timestamp()


ORDER = ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic")


class CodeDeploy:
    """One deployment at a lifecycle event; keeps the answers. `is_late`: it doesn't show yet that the event began."""

    def __init__(self, event: str, minutes: float = 5, *, is_late: bool = False) -> None:
        times = {"startTime": START, "endTime": START + timedelta(minutes=minutes)}
        place = ORDER.index(event)
        before, now = ["Succeeded"] * place, "Pending" if is_late else "InProgress"
        self.events = [
            {
                "lifecycleEventName": name,
                "status": status,
                **(times if name == "AllowTraffic" and status == "Succeeded" else {}),
            }
            for name, status in zip(ORDER, [*before, now, *["Pending"] * (2 - place)], strict=True)
        ]
        self.answers: list[dict[str, str]] = []

    def list_deployment_targets(self, deploymentId: str) -> dict[str, Any]:  # noqa: N803
        assert deploymentId == "d-1"
        return {"targetIds": ["mlops-api:live"]}

    def get_deployment_target(self, deploymentId: str, targetId: str) -> dict[str, Any]:  # noqa: N803
        info = {"functionName": "mlops-api", "functionAlias": "live", "currentVersion": "6", "targetVersion": "7"}
        return {"deploymentTarget": {"lambdaTarget": {"lifecycleEvents": self.events, "lambdaFunctionInfo": info}}}

    def put_lifecycle_event_hook_execution_status(self, **answer: str) -> None:
        self.answers.append(answer)


class Table:
    """The table of keys, as much of DynamoDB as a check needs; `fails` makes writing fail."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.items: dict[str, dict[str, Any]] = {}
        self.issued: list[Grant] = []

    def put_item(self, TableName: str, Item: dict[str, Any]) -> None:  # noqa: N803
        assert TableName == "keys"
        if self.fails:
            raise ConnectionError("the table is away")
        self.items[Item["digest"]["S"]] = Item
        self.issued.append(Grant.of_item(Item))

    def delete_item(self, TableName: str, Key: dict[str, Any]) -> None:  # noqa: N803
        assert TableName == "keys"
        del self.items[Key["digest"]["S"]]


class Functions:
    """The API's versions: 7 answers a status to who has a key of the table, and both 401 to anybody else."""

    def __init__(self, status: int = 200, *, fails: bool = False) -> None:
        self.status, self.fails, self.table = status, fails, Table()

    def invoke(self, Qualifier: str, Payload: str, **_: str) -> dict[str, Any]:  # noqa: N803
        if self.fails:
            raise ConnectionError("no way")
        scheme, _, key = json.loads(Payload)["headers"]["authorization"].partition(" ")
        item = self.table.items.get(digest(key))
        if scheme != "Bearer" or item is None or not Grant.of_item(item).stands_at(NOW):
            return {"Payload": io.BytesIO(json.dumps({"statusCode": 401}).encode())}
        status = self.status if Qualifier == "7" else 200
        return {"Payload": io.BytesIO(json.dumps({"statusCode": status}).encode())}


class CloudWatch:
    def get_metric_data(self, **_: Any) -> dict[str, Any]:
        return {"MetricDataResults": [{"Id": "requests", "Values": [12.0]}]}


def answer(codedeploy: CodeDeploy, functions: Functions) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The answers that CodeDeploy got, and the log lines."""
    stream = io.StringIO()
    keys = CheckKeys(functions.table, "keys", lambda: NOW)
    hook = Hook(codedeploy, functions, CloudWatch(), keys, make_logger(stream), "mlops")
    hook.answer("d-1", "e-1")
    return codedeploy.answers, [json.loads(line) for line in stream.getvalue().splitlines()]


def given(status: str) -> list[dict[str, str]]:
    return [{"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e-1", "status": status}]


def test_a_version_that_passes_its_checks_gets_traffic() -> None:
    answers, (line,) = answer(CodeDeploy("BeforeAllowTraffic"), Functions())
    assert answers == given("Succeeded")
    assert (line["message"], line["function_version"]) == ("release checked", "7")


def test_a_version_that_fails_a_check_gets_none_and_the_log_says_why() -> None:
    answers, (line,) = answer(CodeDeploy("BeforeAllowTraffic"), Functions(500))
    assert answers == given("Failed")
    assert (line["level"], line["message"]) == ("ERROR", "release refused")
    assert line["reason"].startswith("GET /health: status 500")


def test_a_check_that_fails_itself_is_answered_and_raised() -> None:
    codedeploy = CodeDeploy("BeforeAllowTraffic")
    with pytest.raises(ConnectionError):
        answer(codedeploy, Functions(fails=True))
    assert codedeploy.answers == given("Failed")


@pytest.mark.parametrize("is_late", [False, True])
def test_a_version_is_checked_until_it_is_on_record_that_it_has_all_traffic(*, is_late: bool) -> None:
    """CodeDeploy may call the hook before it shows that the event has begun."""
    answers, (line,) = answer(CodeDeploy("BeforeAllowTraffic", is_late=is_late), Functions(500))
    assert (answers, line["message"]) == (given("Failed"), "release refused")
    answers, (line,) = answer(CodeDeploy("AfterAllowTraffic", is_late=is_late), Functions(500))
    assert (answers, line["requests"]) == (given("Succeeded"), 12)


def test_a_check_has_a_key_that_may_read_for_as_long_as_it_lasts() -> None:
    functions = Functions()
    answer(CodeDeploy("BeforeAllowTraffic"), functions)
    (grant,) = functions.table.issued
    assert functions.table.items == {}
    assert ({*grant.scopes}, {*grant.models}) == ({"read"}, set())
    assert (grant.name, grant.expires) == ("release check", NOW + SECONDS)


def test_a_check_that_fails_itself_leaves_no_key_and_one_without_a_key_lets_nothing_pass() -> None:
    functions = Functions(fails=True)
    with pytest.raises(ConnectionError, match="no way"):
        answer(CodeDeploy("BeforeAllowTraffic"), functions)
    assert (len(functions.table.issued), functions.table.items) == (1, {})
    functions, codedeploy = Functions(), CodeDeploy("BeforeAllowTraffic")
    functions.table.fails = True
    with pytest.raises(ConnectionError, match="the table is away"):
        answer(codedeploy, functions)
    assert codedeploy.answers == given("Failed")


def test_a_look_back_needs_no_key() -> None:
    functions = Functions()
    answer(CodeDeploy("AfterAllowTraffic"), functions)
    assert functions.table.issued == []


def test_after_a_canary_too_few_requests_are_reported_and_stop_nothing() -> None:
    answers, (line,) = answer(CodeDeploy("AfterAllowTraffic"), Functions())
    assert answers == given("Succeeded")
    assert (line["level"], line["requests"], line["conclusive"]) == ("WARNING", 12, False)
    assert line["message"].endswith("too few requests to judge it")


def test_after_a_shift_at_once_there_is_no_canary_to_report() -> None:
    answers, lines = answer(CodeDeploy("AfterAllowTraffic", minutes=0), Functions())
    assert (answers, lines) == (given("Succeeded"), [])
