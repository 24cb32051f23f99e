"""Looks at each request to the AWS endpoint before its service does.

Report: each permission that is missing is told once. Enforce: its call is denied as AWS denies it. What a function's
policy says about HTTP requests, by API Gateway or its URL, is enforced in both: clients see the difference at once.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from localaws.iam.asked import Asked
from localaws.iam.credentials import Caller, Credentials, role_session
from localaws.iam.denials import Denial, denial
from localaws.iam.evaluation import Call, Policies, decide
from localaws.iam.http_request import HttpRequest
from localaws.iam.policy import MalformedPolicy, Policy, read_policy
from localaws.iam.principals import ANONYMOUS, Principal
from localaws.iam.requests import Signed, asked, signed
from localaws.iam.sender import Sender
from localaws.iam.store import PolicyStore
from localaws.iam.uses import Uses
from localaws.settings import IamMode

_READS = frozenset({"s3:GetObject", "s3:GetObjectVersion"})
# Services that assume a role with the id of the account, so that a trust policy may ask for it.
_WITH_EXTERNAL_ID = frozenset({"firehose.amazonaws.com"})
# Services that are denied what the policy of a resource doesn't allow them, also if denials are only reported.
_DENIED = frozenset({"apigateway.amazonaws.com"})


@dataclass(frozen=True)
class Missing:
    """A permission that a caller lacks."""

    principal: Principal
    action: str
    resource: str
    reason: str

    @property
    def message(self) -> str:
        """What AWS answers."""
        return (
            f"User: {self.principal.name} is not authorized to perform: {self.action} on resource: {self.resource} "
            f"{self.reason}"
        )

    def __str__(self) -> str:
        denied = f"{self.principal.name} may not {self.action} on {self.resource}, {self.reason}"
        if not self.principal.arn or "explicit deny" in self.reason:
            return denied
        statement = {"Effect": "Allow", "Action": self.action, "Resource": self.resource}
        return f"{denied}. In a policy of {self.principal.arn} this would grant it: {json.dumps(statement)}"


@dataclass
class Guard:
    """Decides about requests by the policies in `store`; `tell` is called with each missing permission, once.

    A call with keys that aren't a role's or a user's is the account's own, and isn't limited.
    """

    mode: IamMode
    account: str
    credentials: Credentials
    store: PolicyStore
    now: Callable[[], float]
    tell: Callable[[Missing], None]
    uses: Uses = field(default_factory=Uses)
    missing: dict[Missing, None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, environ: dict[str, Any]) -> Denial | None:
        """The answer to a request that isn't allowed; None lets it pass."""
        if self.mode == "off":
            return None
        request = _request(environ)
        scope = signed(request, self.store.region)
        caller = self.credentials.whose(scope.access_key) if scope else None
        if scope is None or caller is None:
            return None
        context = _context(caller, scope, environ, self.now())
        for each in self._needed(asked(request, scope, self.account) or []):
            refused = self._refuse(caller, each, context)
            if refused and self.mode == "enforce":
                return denial(request, scope.service, refused)
        return None

    def denied(self, sender: Sender, action: str, resource: str) -> Missing | None:
        """What a service lacks to do something for a resource; None if nothing, or if it isn't enforced.

        A service that has a role must be trusted by the role too. API Gateway without a role needs the policy's
        permission in all modes but `off`.
        """
        if self.mode == "off":
            return None
        context = self._context_of(sender)
        if not sender.role:
            service = Caller(Principal(self.account, service=sender.service))
            refused = self._refuse(service, Asked(action, resource), context)
            if sender.service in _DENIED:
                return refused
        else:
            session = Caller(role_session(self.account, sender.role, sender.service.partition(".")[0]))
            refused = self._refuse_role(sender, context) or self._refuse(
                session, Asked(action, resource), {**context, "aws:principalarn": (sender.role,)}
            )
        return refused if self.mode == "enforce" else None

    def denied_to_anyone(self, resource: str, wanted: Mapping[str, Mapping[str, str]]) -> Missing | None:
        """What an unsigned request lacks of `wanted`, each action with the keys of its context; None if nothing.

        It's enforced in all modes but `off`.
        """
        if self.mode == "off":
            return None
        for action, context in wanted.items():
            known = {**_time(self.now()), "aws:SecureTransport": "true", **context}
            values = {name.lower(): (value,) for name, value in known.items()}
            if refused := self._refuse(Caller(ANONYMOUS), Asked(action, resource), values):
                return refused
        return None

    def untrusted(self, sender: Sender) -> Missing | None:
        """What a service lacks to assume its role; None if nothing, or if it isn't enforced."""
        if self.mode == "off":
            return None
        refused = self._refuse_role(sender, self._context_of(sender))
        return refused if self.mode == "enforce" else None

    def denied_to_role(self, role: str, session: str, action: str, resource: str) -> Missing | None:
        """What a role's session lacks to do something; None if nothing, or if it isn't enforced."""
        if self.mode == "off":
            return None
        known = {**_time(self.now()), "aws:PrincipalArn": role, "aws:SecureTransport": "true"}
        context = {name.lower(): (value,) for name, value in known.items()}
        refused = self._refuse(Caller(role_session(self.account, role, session)), Asked(action, resource), context)
        return refused if self.mode == "enforce" else None

    def denied_to_key(self, access_key: str, action: str, resource: str, context: Mapping[str, str]) -> Missing | None:
        """What the caller with this key lacks to do something; None if nothing, or if it isn't enforced.

        `context` are condition keys of the request, besides those of the caller and the time.
        """
        caller = self.credentials.whose(access_key)
        if self.mode == "off" or caller is None:
            return None
        known = {**_of_caller(caller), **_time(self.now()), "aws:SecureTransport": "true", **context}
        values = {name.lower(): (value,) for name, value in known.items()}
        refused = self._refuse(caller, Asked(action, resource), values)
        return refused if self.mode == "enforce" else None

    def identity_of(self, access_key: str) -> tuple[str, str]:
        """The ARN and the unique id of the caller with this key; the account's own for a key that's nobody's."""
        caller = self.credentials.whose(access_key)
        if caller is None:
            return f"arn:aws:iam::{self.account}:root", self.account
        principal = caller.principal
        unique = self.store.unique_id(principal)
        session = principal.session.rpartition("/")[2]
        return principal.session or principal.arn, f"{unique}:{session}" if session else unique

    def _context_of(self, sender: Sender) -> dict[str, tuple[str, ...]]:
        source = {"aws:SourceArn": sender.source, "aws:SourceAccount": self.account, "aws:SourceOwner": self.account}
        known = {**_time(self.now()), **source, "aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true"}
        return {name.lower(): (value,) for name, value in known.items()}

    def _refuse_role(self, sender: Sender, context: Mapping[str, tuple[str, ...]]) -> Missing | None:
        external = {"sts:ExternalId": (self.account,)} if sender.service in _WITH_EXTERNAL_ID else {}
        service = Caller(Principal(self.account, service=sender.service))
        return self._refuse(service, Asked("sts:AssumeRole", sender.role, external), context)

    def _needed(self, wanted: list[Asked]) -> Iterator[Asked]:
        """What is asked for, and where a missing object is read the right to know that it's missing."""
        yield from wanted
        for each in wanted:
            if each.action in _READS and not self.store.has_object(each.resource):
                yield Asked("s3:ListBucket", each.resource.partition("/")[0])

    def _refuse(self, caller: Caller, each: Asked, context: Mapping[str, tuple[str, ...]]) -> Missing | None:
        policies = self._policies(caller, each)
        known = {**context, **{key.lower(): values for key, values in each.context.items()}}
        call = Call(caller.principal, each.action, each.resource, self._owner(each.resource), known)
        decision = decide(call, policies)
        if decision.allowed:
            self.uses.note(call, decision.statements)
            return None
        found = Missing(caller.principal, each.action, each.resource, decision.reason)
        with self._lock:
            is_new = found not in self.missing
            self.missing[found] = None
        if is_new:
            self.tell(found)
        return found

    def _policies(self, caller: Caller, each: Asked) -> Policies:
        resource = self.store.of_resource(each.resource)
        if not caller.principal.has_policies:
            return Policies(resource=resource)
        identity, boundary = self.store.of_identity(caller.principal)
        return Policies(identity, resource, boundary, _session_policy(caller))

    def _owner(self, resource: str) -> str:
        parts = resource.split(":")
        return parts[4] if len(parts) > 5 and parts[4] else self.account


def _request(environ: dict[str, Any]) -> HttpRequest:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    }
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]
    return HttpRequest(
        method=environ["REQUEST_METHOD"],
        host=headers.get("host", ""),
        path=raw.partition("?")[0],
        query=parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True),
        headers=headers,
        read=lambda: _body(environ),
    )


def _body(environ: dict[str, Any]) -> bytes:
    """The body, which the service can read again."""
    kept = environ.get("localaws.body")
    if kept is None:
        kept = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["localaws.body"] = kept
        environ["wsgi.input"] = io.BytesIO(kept)
    body: bytes = kept
    return body


def _context(caller: Caller, scope: Signed, environ: Mapping[str, Any], now: float) -> dict[str, tuple[str, ...]]:
    """The global condition keys of a request."""
    keys = {
        **_of_caller(caller),
        **_time(now),
        "aws:RequestedRegion": scope.region,
        # Local AWS speaks plain HTTP in the place of an endpoint that speaks TLS.
        "aws:SecureTransport": "true",
        "aws:SourceIp": str(environ.get("REMOTE_ADDR", "127.0.0.1")),
        "aws:UserAgent": str(environ.get("HTTP_USER_AGENT", "")),
        "aws:ViaAWSService": "false",
    }
    return {name.lower(): (value,) for name, value in keys.items()}


def _of_caller(caller: Caller) -> dict[str, str]:
    """The condition keys about who calls."""
    principal = caller.principal
    keys = {
        "aws:PrincipalArn": principal.arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": "AssumedRole" if principal.session else "User",
    }
    return keys if principal.session else {**keys, "aws:username": principal.arn.rpartition("/")[2]}


def _time(now: float) -> dict[str, str]:
    moment = datetime.fromtimestamp(now, UTC)
    return {"aws:CurrentTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "aws:EpochTime": str(int(now))}


def _session_policy(caller: Caller) -> Policy | None:
    if not caller.session_policy:
        return None
    try:
        return read_policy("session policy", caller.session_policy)
    except MalformedPolicy:
        return Policy("session policy", ())
