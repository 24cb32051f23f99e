"""Calls the integration of a method: a function, an AWS service, an HTTP endpoint, or none (MOCK)."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from localaws.http.fetch import ACCOUNTS_OWN, Replied, Sent
from localaws.iam.sender import Sender
from localaws.rest.event import Malformed, proxy_event, proxy_response
from localaws.rest.exchange import Exchange, grouped
from localaws.rest.gateway_responses import Refused, Rendered
from localaws.rest.mapping import Sources, mapped_request, mapped_response
from localaws.rest.service_requests import service_request, with_query
from localaws.rest.support import function_of, service_of
from localaws.rest.templates import evaluate
from localaws.vtl.errors import VtlError

logger = logging.getLogger(__name__)
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_JSON = "application/json"
# Headers that belong to one connection, or that the HTTP client sets itself.
_OWN = frozenset({"connection", "content-length", "host", "keep-alive", "te", "transfer-encoding", "upgrade"})


@dataclass(frozen=True)
class Backends:
    """What integrations call. `invoke` returns a function's result and whether it failed; `submit` doesn't wait.

    Both are in the name of a sender.
    `fetch` sends a request and returns the reply; it raises OSError if there's none. `access_key` is a key of a role.
    """

    invoke: Callable[[Sender, str, bytes], tuple[bytes, bool]]
    submit: Callable[[Sender, str, bytes], Any]
    fetch: Callable[[Sent], Replied]
    access_key: Callable[[str], str]


@dataclass(frozen=True)
class Mapped:
    """What a method's request is mapped to: the body, and the parameters by place."""

    body: bytes
    parameters: Mapping[str, Mapping[str, str]]
    override: Mapping[str, Any]


def run(exchange: Exchange, backends: Backends) -> Rendered:
    """The response of the request's integration; raises Refused."""
    integration = exchange.method.get("methodIntegration")
    if integration is None:
        raise Refused("API_CONFIGURATION_ERROR")
    kind = integration["type"]
    if kind == "AWS_PROXY":
        return _proxied(exchange, integration, backends)
    if kind == "HTTP_PROXY":
        return _forwarded(exchange, integration, backends)
    mapped = _mapped(exchange, integration)
    if kind == "MOCK":
        return _respond(exchange, integration, _mocked(mapped.body), mapped)
    return _respond(exchange, integration, _called(exchange, integration, mapped, backends), mapped)


def _proxied(exchange: Exchange, integration: Mapping[str, Any], backends: Backends) -> Rendered:
    event = json.dumps(proxy_event(exchange)).encode()
    payload, failed = backends.invoke(exchange.sender, _function(exchange, integration), event)
    if failed:
        raise Refused("DEFAULT_5XX", status=502)
    try:
        return proxy_response(payload, exchange)
    except Malformed as problem:
        logger.info("The function of %s returned no response: %s", exchange.arn, problem)
        raise Refused("DEFAULT_5XX", status=502) from None


def _function(exchange: Exchange, integration: Mapping[str, Any]) -> str:
    function = function_of(_substituted(integration["uri"], exchange))
    assert function
    return function


def _substituted(uri: str, exchange: Exchange) -> str:
    return _VARIABLE.sub(lambda match: exchange.variables.get(match[1], ""), uri)


def _mapped(exchange: Exchange, integration: Mapping[str, Any]) -> Mapped:
    sources = exchange.sources()
    parameters = mapped_request(integration.get("requestParameters") or {}, sources)
    template, text = _template(exchange, integration), exchange.text
    if integration.get("contentHandling") and exchange.snapshot.is_binary(
        exchange.incoming.header("content-type") or ""
    ):
        text = base64.b64encode(exchange.incoming.body).decode()
    if template is None:
        return Mapped(text.encode() if integration.get("contentHandling") else exchange.incoming.body, parameters, {})
    given = {place: sources.single[place] for place in ("path", "querystring", "header")}
    try:
        body, override = evaluate(template, text, given, sources.context, exchange.variables)
    except VtlError as error:
        logger.warning("The request template of %s failed: %s", exchange.arn, error)
        raise Refused("DEFAULT_5XX", status=500) from None
    for place, values in override["requestOverride"].items():
        parameters[place] |= {name: str(value) for name, value in values.items()}
    return Mapped(body.encode(), parameters, override)


def _template(exchange: Exchange, integration: Mapping[str, Any]) -> str | None:
    """The template of the request's content type; None to pass the body through. Raises Refused."""
    templates = integration.get("requestTemplates") or {}
    kind = (exchange.incoming.header("content-type") or _JSON).split(";")[0].strip()
    if kind in templates:
        return templates[kind] or ""
    behavior = str(integration.get("passthroughBehavior") or "WHEN_NO_MATCH").upper()
    if behavior == "NEVER" or (behavior == "WHEN_NO_TEMPLATES" and templates):
        raise Refused("UNSUPPORTED_MEDIA_TYPE")
    return None


def _mocked(body: bytes) -> Replied:
    try:
        status = json.loads(body)["statusCode"] if body.strip() else 200
    except (KeyError, TypeError, ValueError):
        raise Refused("DEFAULT_5XX", status=500) from None
    return Replied(str(status), [], b"")


def _called(exchange: Exchange, integration: Mapping[str, Any], mapped: Mapped, backends: Backends) -> Replied:
    uri = _substituted(integration["uri"], exchange)
    function = function_of(uri)
    if function is not None:
        # A request without a body is an empty event.
        body = mapped.body or b"{}"
        headers = {name.lower(): value for name, value in mapped.parameters["header"].items()}
        if headers.get("x-amz-invocation-type") == "Event":
            backends.submit(exchange.sender, function, body)
            return Replied("", [], b"")
        payload, failed = backends.invoke(exchange.sender, function, body)
        return Replied(_error_message(payload) if failed else "", [("Content-Type", _JSON)], payload)
    for name, value in mapped.parameters["path"].items():
        uri = uri.replace(f"{{{name}}}", quote(value, safe=""))
    role = exchange.sender.role
    access_key = backends.access_key(role) if role else ACCOUNTS_OWN
    return _fetched(_request(exchange, integration, uri, mapped, access_key), backends)


def _request(exchange: Exchange, integration: Mapping[str, Any], uri: str, mapped: Mapped, access_key: str) -> Sent:
    query = urlencode(mapped.parameters["querystring"])
    headers = list(mapped.parameters["header"].items())
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", exchange.incoming.header("content-type") or _JSON))
    body = mapped.body
    named, verb = service_of(uri), integration["httpMethod"]
    if named is None:
        return Sent(verb, with_query(uri, query), headers, body)
    return service_request(named, verb, query, headers, body, access_key)


def _fetched(sent: Sent, backends: Backends) -> Replied:
    try:
        return backends.fetch(sent)
    except OSError as error:
        logger.warning("The integration %s %s failed: %s", sent.verb, sent.url, error)
        raise Refused("INTEGRATION_FAILURE") from None


def _forwarded(exchange: Exchange, integration: Mapping[str, Any], backends: Backends) -> Rendered:
    """Pass the request on to an HTTP endpoint, and its response back."""
    parameters = mapped_request(integration.get("requestParameters") or {}, exchange.sources())
    uri = _substituted(integration["uri"], exchange)
    for name, value in parameters["path"].items():
        uri = uri.replace(f"{{{name}}}", value).replace(f"{{{name}+}}", value)
    query = urlencode([*exchange.query, *parameters["querystring"].items()])
    headers = [(name, value) for name, value in exchange.incoming.headers if name.lower() not in _OWN]
    headers += list(parameters["header"].items())
    verb = integration["httpMethod"]
    verb = exchange.incoming.verb if verb == "ANY" else verb
    sent = Sent(verb, with_query(uri, query), headers, exchange.incoming.body)
    reply = _fetched(sent, backends)
    return Rendered(reply.status, [(n, v) for n, v in reply.headers if n.lower() not in _OWN], reply.body)


def _error_message(payload: bytes) -> str:
    """What selects the response of a function that failed: its error message."""
    try:
        result = json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")
    return str(result.get("errorMessage", "")) if isinstance(result, dict) else ""


def _respond(exchange: Exchange, integration: Mapping[str, Any], reply: Replied, mapped: Mapped) -> Rendered:
    response = _selected(integration.get("integrationResponses") or {}, reply.pattern)
    if response is None:
        raise Refused("API_CONFIGURATION_ERROR")
    text = reply.body.decode("utf-8", "replace")
    single = {"header": dict(reply.headers)}
    sources = Sources(single, {"header": grouped(reply.headers)}, text, exchange.context(), exchange.variables)
    headers = mapped_response(response.get("responseParameters") or {}, sources)
    kind = next((value for name, value in reply.headers if name.lower() == "content-type"), _JSON)
    if response.get("contentHandling") and exchange.snapshot.is_binary(kind):
        text = base64.b64encode(reply.body).decode()
        reply = replace(reply, body=text.encode())
    content, override = reply.body, dict[str, Any](mapped.override)
    templates = response.get("responseTemplates") or {}
    template = templates.get(kind.split(";")[0].strip(), templates.get(_JSON))
    if template is not None:
        kind = _JSON if kind.split(";")[0].strip() not in templates else kind
        given = {"path": dict(exchange.parameters), "querystring": dict(exchange.query), "header": single["header"]}
        try:
            output, override = evaluate(template, text, given, sources.context, exchange.variables)
        except VtlError as error:
            logger.warning("The response template of %s failed: %s", exchange.arn, error)
            raise Refused("DEFAULT_5XX", status=500) from None
        content = output.encode()
    changed = override.get("responseOverride", {})
    status = int(changed.get("status") or response["statusCode"])
    headers += [(name, str(value)) for name, value in changed.get("header", {}).items()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    return Rendered(status, headers, content)


def _selected(responses: Mapping[str, Mapping[str, Any]], pattern: str) -> Mapping[str, Any] | None:
    """The integration response whose pattern matches; the default one, without a pattern, if there's none."""
    for response in responses.values():
        selection = response.get("selectionPattern")
        if selection and pattern and re.fullmatch(selection, pattern, re.DOTALL):
            return response
    return next((response for response in responses.values() if not response.get("selectionPattern")), None)
