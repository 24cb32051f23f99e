"""What a console asks besides buckets and tables: the logs, and the function that answers those who try a model.

Both run the real thing on what they're given: queries by local AWS's engine, rows by the API's application.
"""

import asyncio
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_lambda_powertools.logging import Logger
from botocore.exceptions import ClientError
from mangum import Mangum

from localaws.logs.insights.events import Event
from localaws.logs.insights.query import run_query
from localaws.template.load import load
from mlops.registry.store import Store
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recommend.recent import RecentEvents
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from tests.unit.mlops.serving.recommend.shop import Table

API_LOGS, TRY_FUNCTION, COMPARE_FUNCTION, STACK = "/aws/lambda/mlops-api", "mlops-try", "mlops-compare", "mlops"
_TEMPLATE = Path(__file__).parents[1] / "template.yaml"
_CONDITION = re.compile(r'\$\.(\w+) = "([^"]*)"')


def _refusal() -> ClientError:
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, "Operation")


@dataclass
class FakeLogs:
    """The log group of the API: JSON lines, each with its time. `failing` makes every operation fail.

    `running` is how often a query is still running when it's asked for its rows.
    """

    lines: list[dict[str, Any]] = field(default_factory=list)
    failing: bool = False
    running: int = 0
    stopped: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_paginator(self, operation: str) -> "FakeLogs":
        assert operation == "filter_log_events"
        return self

    def paginate(
        self,
        *,
        logGroupName: str,  # noqa: N803
        startTime: int,  # noqa: N803
        endTime: int,  # noqa: N803
        filterPattern: str,  # noqa: N803
    ) -> Iterator[dict[str, Any]]:
        """Pages of twenty events each."""
        self._check(logGroupName)
        wanted = dict(_CONDITION.findall(filterPattern))
        assert wanted
        found = [
            {"message": json.dumps(line)}
            for line in self.lines
            if startTime <= _milliseconds(line) <= endTime and wanted.items() <= line.items()
        ]
        for start in range(0, max(1, len(found)), 20):
            yield {"events": found[start : start + 20]}

    def describe_query_definitions(self, *, queryDefinitionNamePrefix: str) -> dict[str, Any]:  # noqa: N803
        """Those of the template."""
        self._check()
        assert queryDefinitionNamePrefix == f"{STACK}/"
        return {"queryDefinitions": definitions()}

    def start_query(self, **asked: Any) -> dict[str, str]:
        self._check()
        self.asked.append(asked)
        return {"queryId": str(len(self.asked) - 1)}

    def get_query_results(self, *, queryId: str) -> dict[str, Any]:  # noqa: N803
        self._check()
        asked = self.asked[int(queryId)]
        if self.running:
            self.running -= 1
            return {"status": "Running", "results": []}
        start, end = asked["startTime"] * 1000, asked["endTime"] * 1000
        events = [
            Event(time, json.dumps(line), "stream", f"1:{API_LOGS}", time, str(place))
            for place, line in enumerate(self.lines)
            if start <= (time := _milliseconds(line)) <= end
        ]
        rows = run_query(asked["queryString"], events, asked["endTime"], asked["limit"]).rows
        results = [[{"field": name, "value": value} for name, value in row] for row in rows]
        return {"status": "Complete", "results": results}

    def stop_query(self, *, queryId: str) -> None:  # noqa: N803
        self.stopped.append(queryId)

    def _check(self, group: str = API_LOGS) -> None:
        if self.failing:
            raise _refusal()
        assert group == API_LOGS


def definitions() -> list[dict[str, Any]]:
    """The query definitions of the template, as CloudWatch describes them; each reads the API's log group."""
    resources = load(_TEMPLATE).body["Resources"].values()
    found = [each["Properties"] for each in resources if each["Type"] == "AWS::Logs::QueryDefinition"]
    return [
        {
            "name": each["Name"]["Fn::Sub"].replace("${AWS::StackName}", STACK),
            "queryString": each["QueryString"],
            "logGroupNames": [API_LOGS],
        }
        for each in found
    ]


def _milliseconds(line: dict[str, Any]) -> int:
    return round(datetime.fromisoformat(line["timestamp"]).timestamp() * 1000)


@dataclass
class ServingFunction:
    """The functions of a stack that a console invokes, on the models of a store.

    One answers those who try a model: the API's application, which reads users' events in `events`. The other compares
    versions: it's invoked as an event, and what it was asked for is in `compared`. `failing` makes every call fail,
    `crashing` the function that answers.
    """

    models: Store
    events: Table = field(default_factory=Table)
    compared: list[dict[str, Any]] = field(default_factory=list)
    failing: bool = False
    crashing: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: str, InvocationType: str = "RequestResponse") -> dict[str, Any]:  # noqa: N803
        if self.failing:
            raise _refusal()
        if FunctionName == COMPARE_FUNCTION:
            assert InvocationType == "Event"
            self.compared.append(json.loads(Payload))
            return {"StatusCode": 202}
        assert (FunctionName, InvocationType) == (TRY_FUNCTION, "RequestResponse")
        if self.crashing:
            error = {"errorType": "Runtime.ExitError", "errorMessage": "it ran out of memory"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}
        event = json.loads(Payload)
        self.asked.append(event)
        loop = asyncio.new_event_loop()
        try:
            asyncio.set_event_loop(loop)
            answer = self._handler(event, _Context())  # type: ignore[arg-type]
        finally:
            asyncio.set_event_loop(None)
            loop.close()
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    @cached_property
    def _handler(self) -> Mangum:
        settings = ApiSettings.model_validate(
            {
                "models_bucket": "models",
                "authorization": "iam",
                "serve_refused_versions": True,
                "show_histories": True,
                "follow_seconds": 0,
            }
        )
        log = ServingLog(Logger(service="try", level="ERROR"), "", Recording.from_settings("none", 1024))
        models = ServedModels(self.models, settings, log)
        app = create_app(settings, self.models, models, log, open_recent=self.open_events)
        return Mangum(app, lifespan="off")

    def open_events(self) -> RecentEvents:
        """The table of users' events."""
        return RecentEvents("events", self.events, 90)  # type: ignore[arg-type]


@dataclass
class _Context:
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
