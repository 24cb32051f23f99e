"""The API as Lambda calls it: an API Gateway event goes through the real handler, and what it prints is kept."""

import base64
import json
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from mangum import Mangum

from mlops.authorization.check import Checker
from mlops.registry.store import Store
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recommend.recent import RecentEvents
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger

EVENTS = Path(__file__).parents[3] / "events"


@dataclass
class Context:
    """The part of Lambda's context that the API reads."""

    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


class _Stdout(StringIO):
    """Standard output as it is at each write: pytest replaces it between a test's set-up and its call."""

    @property
    def buffer(self) -> BinaryIO:
        return sys.stdout.buffer

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@dataclass
class Answer:
    """An HTTP answer of the handler."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Api:
    """Asks the handler, and reads what it printed."""

    def __init__(
        self,
        store: Store,
        capsys: pytest.CaptureFixture[str],
        records: Store | None = None,
        recent: RecentEvents | None = None,
        checker: Checker | None = None,
        **settings: Any,
    ) -> None:
        self.settings = ApiSettings.model_validate({"models_bucket": "models", "authorization": "open", **settings})
        recording = Recording.from_settings(self.settings.record_inputs, self.settings.record_cell_bytes)
        self.log = ServingLog(make_logger(_Stdout()), self.settings.privacy_key.get_secret_value(), recording)
        self.models = ServedModels(store, self.settings, self.log)
        self.models.warm_up()
        self.app = create_app(
            self.settings,
            store,
            self.models,
            self.log,
            None if records is None else lambda: records,
            None if recent is None else lambda: recent,
            checker,
        )
        self._handler = Mangum(self.app, lifespan="off", text_mime_types=["text/", "application/json"])
        self._capsys = capsys

    def ask(self, method: str, path: str, body: str | bytes | None = None, query: str = "", **headers: str) -> Answer:
        """Send one request; header names are given with _ for -."""
        event = json.loads((EVENTS / "http-get-health.json").read_text())
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        event["requestContext"]["http"]["method"] = method
        event["rawQueryString"] = query
        event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        elif body is not None:
            event["body"] = body
        return self.send(event)

    def send(self, event: dict[str, Any]) -> Answer:
        """Send an API Gateway event."""
        answer = self._handler(event, Context())  # type: ignore[arg-type]
        body = answer["body"]
        content = base64.b64decode(body) if answer["isBase64Encoded"] else body.encode()
        return Answer(answer["statusCode"], answer["headers"], content)

    def predict(self, *rows: dict[str, Any], path: str = "/predict") -> Answer:
        """Post rows."""
        return self.ask("POST", path, json.dumps({"rows": rows}), content_type="application/json")

    def recommend(self, path: str = "/recommend", query: str = "", **body: Any) -> Answer:
        """Ask for recommendations."""
        return self.ask("POST", path, json.dumps(body), query, content_type="application/json")

    def printed(self) -> list[dict[str, Any]]:
        """The JSON lines that were printed since the last call."""
        return [json.loads(line) for line in self._capsys.readouterr().out.split("\n") if line]

    def poll(self) -> None:
        """Poll the champion's alias now, whatever the clock says."""
        self.models.champion("diagnosis").poll()

    def faults(self) -> tuple[list[str], list[str]]:
        """The reasons of the refusals at level ERROR, and the metrics of failures, since the last call.

        Without what came of them: the requests that could not be answered, and the version that answers instead.
        """
        lines = self.printed()
        names = {"ModelRefused", "RegistryUnreachable"}
        reasons = [line["reason"] for line in lines if line.get("level") == "ERROR" and line.get("record") == "refusal"]
        return reasons, [name for line in lines if "_aws" in line for name in line if name in names]
