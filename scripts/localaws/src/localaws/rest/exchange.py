"""One request to a REST API, and what's known of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from localaws.iam.sender import Sender
from localaws.rest.mapping import Sources
from localaws.rest.snapshot import Snapshot
from localaws.rest.store import Document, RestApi
from localaws.settings import ACCOUNT

# The credentials of an integration that is called by the rights of who has signed the request.
CALLER = "arn:aws:iam::*:user/*"
Pairs = list[tuple[str, str]]
# API Gateway's name in policies.
SERVICE = "apigateway.amazonaws.com"


@dataclass(frozen=True)
class Incoming:
    """A request as it came: `path` and `query` aren't decoded; the names of `headers` have the case they came in.

    `body` is unpacked where `sent_body`, which a client has signed, was compressed.
    """

    verb: str
    path: str
    query: str
    headers: Pairs
    body: bytes
    source: str
    protocol: str
    sent_body: bytes

    def header(self, name: str) -> str | None:
        """The last value of a header, whose name has no case."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), None)


@dataclass
class Exchange:
    """A request with its API, stage, method and caller. `path` is behind the stage; `shown_path` is the event's."""

    incoming: Incoming
    api: RestApi
    stage: Document
    snapshot: Snapshot
    path: str
    shown_path: str
    now: float
    region: str
    request_id: str
    resource: Document = field(default_factory=dict)
    method: Document = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    authorizer: Mapping[str, Any] | None = None
    # Who has signed the request: members of `requestContext.identity`.
    signer: Mapping[str, Any] = field(default_factory=dict)
    # The API key of the request: its id and value.
    key: tuple[str | None, str] | None = None

    @property
    def variables(self) -> Mapping[str, str]:
        """The stage's variables."""
        return self.stage.get("variables") or {}

    @property
    def query(self) -> Pairs:
        """The parameters of the query string."""
        return parse_qsl(self.incoming.query, keep_blank_values=True)

    @property
    def arn(self) -> str:
        """The ARN of the method, with the request's path."""
        path = unquote(self.path).lstrip("/")
        name = f"{self.api.id}/{self.stage['stageName']}/{self.incoming.verb}/{path}"
        return f"arn:aws:execute-api:{self.region}:{ACCOUNT}:{name}"

    @property
    def sender(self) -> Sender:
        """In whose name the method's function is called."""
        source = f"{self.api.id}/{self.stage['stageName']}/{self.incoming.verb}{self.resource['path']}"
        role = (self.method.get("methodIntegration") or {}).get("credentials") or ""
        role = "" if role == CALLER else role
        return Sender(SERVICE, f"arn:aws:execute-api:{self.region}:{ACCOUNT}:{source}", role)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.incoming.body.decode("utf-8", "replace")

    def sources(self) -> Sources:
        """What parameters of the integration's request can be mapped from."""
        single: dict[str, dict[str, str]] = {
            "path": dict(self.parameters),
            "querystring": dict(self.query),
            "header": dict(self.incoming.headers),
        }
        multiple = {"querystring": grouped(self.query), "header": grouped(self.incoming.headers)}
        return Sources(single, multiple, self.text, self.context(), self.variables)

    def context(self) -> dict[str, Any]:
        """`$context` of mapping templates, and `requestContext` of events."""
        host = (self.incoming.header("host") or "localhost").split(":")[0]
        context: dict[str, Any] = {
            "resourceId": self.resource.get("id"),
            "resourcePath": self.resource.get("path"),
            "httpMethod": self.incoming.verb,
            "extendedRequestId": extended_id(self.request_id),
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.now)),
            "path": self.incoming.path,
            "accountId": ACCOUNT,
            "protocol": self.incoming.protocol,
            "stage": self.stage.get("stageName"),
            "domainPrefix": host.split(".")[0],
            "requestTimeEpoch": int(self.now * 1000),
            "requestId": self.request_id,
            "identity": self._identity(),
            "domainName": host,
            "deploymentId": self.snapshot.deployment,
            "apiId": self.api.id,
        }
        if self.method.get("operationName"):
            context["operationName"] = self.method["operationName"]
        if self.authorizer is not None:
            context["authorizer"] = dict(self.authorizer)
        return context

    def _identity(self) -> dict[str, Any]:
        empty = dict.fromkeys(
            (
                "cognitoIdentityPoolId",
                "accountId",
                "cognitoIdentityId",
                "caller",
                "principalOrgId",
                "accessKey",
                "cognitoAuthenticationType",
                "cognitoAuthenticationProvider",
                "userArn",
                "user",
            )
        )
        identity: dict[str, Any] = {
            **empty,
            **self.signer,
            "sourceIp": self.incoming.source,
            "userAgent": self.incoming.header("user-agent"),
        }
        if self.key:
            identity |= {"apiKeyId": self.key[0], "apiKey": self.key[1]}
        return identity


def grouped(pairs: Pairs) -> dict[str, list[str]]:
    """Name → its values."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def extended_id(request_id: str) -> str:
    """API Gateway's own id of a request, which the header x-amz-apigw-id has."""
    return f"{request_id.replace('-', '')[:15]}="
