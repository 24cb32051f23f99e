"""Answers of the serving code, asked for by people who try a model: nothing of them is recorded or counted."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from mlops.errors.operations import ServingUnavailable

OK, UNPROCESSABLE = 200, 422
NO_EXPLANATION = "urn:mlops:problem:explanation-unavailable"


@dataclass(frozen=True)
class Explanation:
    """What moved a prediction: `base` and all contributions add up to the answer's score, in `unit`."""

    unit: str
    base: float
    contributions: Mapping[str, float]


@dataclass(frozen=True)
class Answer:
    """The answer to one row: a label with the probability of each, or a value; or why there is none.

    `problem` is the serving code's problem document where it refused the row. `unexplained` says why there's no
    explanation, if one was asked for.
    """

    version: int | None = None
    label: str | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    value: float | None = None
    explanation: Explanation | None = None
    unexplained: str | None = None
    problem: Mapping[str, Any] | None = None

    @property
    def probability(self) -> float | None:
        """That of the label."""
        return self.probabilities.get(self.label) if self.label is not None else None


class AnswerReader:
    """Asks the function `name` by `client`, boto3's of Lambda; `warn` is called where that fails."""

    def __init__(self, client: Any, name: str, warn: Callable[[str], None]) -> None:
        self._client, self._name, self._warn = client, name, warn

    def ask(self, model: str, version: int, row: Mapping[str, Any], *, explain: bool) -> Answer:
        """The answer of a version to a row, explained if it can be. Raises ServingUnavailable."""
        body = {"rows": [row]}
        status, document = self.call(model, version, "predict", body, explain=explain)
        if status == UNPROCESSABLE and document.get("type") == NO_EXPLANATION:
            status, plain = self.call(model, version, "predict", body, explain=False)
            return _read(status, plain, unexplained=str(document.get("detail")))
        return _read(status, document)

    def call(
        self, model: str, version: int, route: str, body: Mapping[str, Any], *, explain: bool
    ) -> tuple[int, dict[str, Any]]:
        """Status and document of a version's answer to a body; `route` is predict or recommend.

        Raises ServingUnavailable.
        """
        path = f"/models/{quote(model, '')}/versions/{version}/{route}"
        payload = json.dumps(_event(path, body, explain=explain))
        try:
            response = self._client.invoke(FunctionName=self._name, Payload=payload)
            answer = json.loads(response["Payload"].read())
        except (ClientError, BotoCoreError) as error:
            self._warn(f"the function that answers can't be asked: {error}")
            raise ServingUnavailable("it can't be asked now") from error
        if "FunctionError" in response:
            self._warn(f"the function that answers failed: {answer.get('errorType')}: {answer.get('errorMessage')}")
            raise ServingUnavailable("it failed; its log group has the details")
        text = answer["body"]
        content = base64.b64decode(text) if answer.get("isBase64Encoded") else text
        return answer["statusCode"], json.loads(content)


def _read(status: int, document: Mapping[str, Any], unexplained: str | None = None) -> Answer:
    if status != OK:
        return Answer(problem=document)
    (prediction,) = document["predictions"]
    found = prediction.get("explanation")
    return Answer(
        version=document["version"],
        label=prediction.get("label"),
        probabilities=prediction.get("probabilities", {}),
        value=prediction.get("value"),
        explanation=Explanation(found["unit"], found["base"], found["contributions"]) if found else None,
        unexplained=unexplained,
    )


def _event(path: str, body: Mapping[str, Any], *, explain: bool) -> dict[str, Any]:
    """The event of an HTTP API, format 2.0.

    IAM has allowed the call before the function sees it, which is what the event of a signed request says.
    """
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "explain=true" if explain else "",
        "headers": {"host": "console", "content-type": "application/json", "accept": "application/json"},
        "requestContext": {
            "apiId": "console",
            "authorizer": {"iam": {"userArn": "console"}},
            "domainName": "console",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "console",
            },
            "requestId": "console",
            "routeKey": "$default",
            "stage": "$default",
        },
        "body": json.dumps(body, allow_nan=False),
        "isBase64Encoded": False,
    }
