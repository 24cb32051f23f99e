"""Routes of HTTP APIs that call an AWS service instead of a function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from localaws.http.fetch import Replied, Sent
from localaws.http.response import Response
from localaws.vtl.paths import JsonPath, PathError

# Subtype → its required and its optional parameters.
SUBTYPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "SQS-SendMessage": (
        ("QueueUrl", "MessageBody"),
        ("DelaySeconds", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId"),
    ),
    "EventBridge-PutEvents": (
        ("Detail", "DetailType", "Source"),
        ("EventBusName", "Resources", "Time", "TraceHeader"),
    ),
    "StepFunctions-StartExecution": (("StateMachineArn",), ("Input", "Name")),
    "StepFunctions-StartSyncExecution": (("StateMachineArn",), ("Input", "Name")),
    "StepFunctions-StopExecution": (("ExecutionArn",), ("Cause", "Error")),
}
_NAME = r"[\w-]+(?:\.[\w-]+)*"
_BODY = r"body(?:(?:\.[\w-]+|\[[^\]]*\])*)"
_SELECTION = rf"request\.(?:{_BODY}|(?:header|path|querystring)\.{_NAME}|path)|context\.{_NAME}|stageVariables\.\w+"
_EXPRESSION = re.compile(rf"\$\{{({_SELECTION})\}}|\$({_SELECTION})")


@dataclass(frozen=True)
class ServiceCall:
    """What a route calls, with parameters that are taken from the request, in the name of a role."""

    subtype: str
    parameters: Mapping[str, str]
    role: str


def problems(subtype: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """What's wrong with an integration of this subtype, or unsupported."""
    if subtype not in SUBTYPES:
        yield f"local AWS supports the subtypes {', '.join(SUBTYPES)}, not {subtype}"
        return
    required, optional = SUBTYPES[subtype]
    for name in required:
        if name not in parameters:
            yield f"{subtype} needs the parameter {name}"
    for name in parameters:
        if name not in (*required, *optional):
            yield f"the parameter {name} of {subtype} isn't supported"


def run(call: ServiceCall, event: bytes, fetch: Callable[[Sent], Replied], access_key: str) -> Response:
    """The service's answer to a request, whose event this is. Raises OSError if there's none."""
    given = _Request(json.loads(event))
    values = {name: given.fill(text) for name, text in call.parameters.items()}
    known = {name: value for name, value in values.items() if value is not None}
    service, _, action = call.subtype.partition("-")
    if service == "StepFunctions":
        sent = _execution(action, known, access_key)
    else:
        sent = _send_message(known, access_key) if service == "SQS" else _put_events(known, access_key)
    reply = fetch(sent)
    kinds = [value for name, value in reply.headers if name.lower() == "content-type"]
    return Response(reply.status, [(b"content-type", kind.encode("latin-1")) for kind in kinds[:1]], reply.body)


class _Request:
    """Finds what parameters select, such as `$request.body.name`."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._event = event
        body = event.get("body") or ""
        self._body = base64.b64decode(body).decode("utf-8", "replace") if event.get("isBase64Encoded") else body

    def fill(self, text: str) -> str | None:
        """The value of a parameter; None if it's one selection, of something that the request lacks."""
        whole = _EXPRESSION.fullmatch(text)
        if whole:
            return self._select(whole[1] or whole[2])
        return _EXPRESSION.sub(lambda found: self._select(found[1] or found[2]) or "", text)

    def _select(self, selection: str) -> str | None:
        place, _, rest = selection.partition(".")
        if place == "stageVariables":
            return _text(self._event.get("stageVariables", {}).get(rest))
        if place == "context":
            return _text(_member(self._event["requestContext"], rest))
        kind, _, name = rest.partition(".")
        if rest == "body":
            return self._body
        if rest == "path":
            return str(self._event["rawPath"])
        if rest.startswith("body"):
            return self._in_body(rest.removeprefix("body"))
        places = {"header": "headers", "path": "pathParameters", "querystring": "queryStringParameters"}
        values = self._event.get(places[kind], {})
        return _text(values.get(name.lower() if kind == "header" else name))

    def _in_body(self, path: str) -> str | None:
        try:
            return _text(JsonPath(f"${path}").find(json.loads(self._body)))
        except (PathError, ValueError):
            return None


def _member(context: Mapping[str, Any], path: str) -> Any:
    value: Any = context
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def _send_message(values: Mapping[str, str], access_key: str) -> Sent:
    form = {"Action": "SendMessage", "Version": "2012-11-05"}
    form |= {name: value for name, value in values.items() if name != "MessageAttributes"}
    for index, (name, attribute) in enumerate(_attributes(values.get("MessageAttributes")).items(), start=1):
        form[f"MessageAttribute.{index}.Name"] = name
        form |= {f"MessageAttribute.{index}.Value.{key}": str(value) for key, value in attribute.items()}
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    path = urlsplit(values.get("QueueUrl", "")).path or "/"
    return Sent("POST", path, headers, urlencode(form).encode(), "sqs", access_key)


def _attributes(text: str | None) -> dict[str, dict[str, Any]]:
    try:
        attributes = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: value for name, value in attributes.items() if isinstance(value, dict)}


def _put_events(values: Mapping[str, str], access_key: str) -> Sent:
    entry: dict[str, Any] = dict(values)
    if "Resources" in entry:
        entry["Resources"] = json.loads(entry["Resources"])
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "AWSEvents.PutEvents")]
    return Sent("POST", "/", headers, json.dumps({"Entries": [entry]}).encode(), "events", access_key)


def _execution(action: str, values: Mapping[str, str], access_key: str) -> Sent:
    given = {name[0].lower() + name[1:]: value for name, value in values.items()}
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", f"AWSStepFunctions.{action}")]
    return Sent("POST", "/", headers, json.dumps(given).encode(), "states", access_key)
