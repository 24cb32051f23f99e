"""Requests that are signed (Signature Version 4), to routes, methods and function URLs with AWS_IAM.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

import calendar
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws.http.authorization.requirement import FORBIDDEN, Asked, Granted, NotAuthorized
from localaws.iam.guard import Guard
from localaws.iam.keys import Keys
from localaws.settings import ACCOUNT

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
    r",\s*SignedHeaders=(?P<names>[a-z0-9;_.-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_TIME = "%Y%m%dT%H%M%SZ"
# A signature is valid for five minutes, before and after.
_VALID = 300.0


type Fault = Literal["unsigned", "elsewhere", "expired", "mismatch", "denied"]


@dataclass(frozen=True)
class SignedRequest:
    """A request as the client sent it: names of `headers` in small letters, `path` with the query, not decoded.

    `action` and `resource` are what its caller needs permission for.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    source: str
    region: str
    action: str
    resource: str


@dataclass(frozen=True)
class Signer:
    """Who has signed a request."""

    access_key: str
    arn: str
    unique_id: str


class SignatureRefused(Exception):
    """A request isn't signed by whom it needs; `signer` is known where only the permission is missing."""

    def __init__(self, fault: Fault, reason: str, signer: Signer | None = None) -> None:
        super().__init__(reason)
        self.fault, self.signer = fault, signer


@dataclass(frozen=True)
class _Signed:
    key: str
    region: str
    service: str
    names: tuple[str, ...]
    signature: str
    moment: str


class SignedRequests:
    """Decides about signed requests by the policies of those who sign.

    The signatures of roles' sessions and of users are verified. Any other key is the account's own, as it is for
    all services of local AWS: nothing verifies its signature, and it may do everything.
    """

    def __init__(self, guard: Guard, now: Callable[[], float]) -> None:
        self._guard, self._now = guard, now

    def authorize(self, asked: Asked) -> Granted:
        """Who has signed a request to an HTTP API or function URL; raises NotAuthorized."""
        http = asked.context["http"]
        request = SignedRequest(
            str(http["method"]),
            asked.raw_path,
            asked.raw_headers,
            asked.body,
            str(http["sourceIp"]),
            asked.region,
            asked.action,
            asked.resource,
        )
        try:
            signer = self.verify(request)
        except SignatureRefused as refused:
            raise NotAuthorized(FORBIDDEN, str(refused)) from None
        caller = {
            "accessKey": signer.access_key,
            "accountId": ACCOUNT,
            "callerId": signer.unique_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": signer.arn,
            "userId": signer.unique_id,
        }
        return Granted({"iam": caller}, {"principalId": signer.unique_id})

    def verify(self, request: SignedRequest) -> Signer:
        """Who has signed, if it has the permission; raises SignatureRefused."""
        signed = self._signed(request)
        keys = self._guard.credentials.keys(signed.key)
        if keys and not _is_by(keys, signed, request):
            raise SignatureRefused("mismatch", "The signature doesn't match.")
        signer = Signer(signed.key, *self._guard.identity_of(signed.key))
        context = {"lambda:FunctionUrlAuthType": "AWS_IAM", "aws:SourceIp": request.source}
        if self._guard.denied_to_key(signed.key, request.action, request.resource, context):
            raise SignatureRefused("denied", f"The caller may not {request.action}.", signer)
        return signer

    def demand(self, signer: Signer, action: str, resource: str) -> None:
        """Raise SignatureRefused if who has signed may not do something else by their own permissions."""
        if self._guard.denied_to_key(signer.access_key, action, resource, {}):
            raise SignatureRefused("denied", f"The caller may not {action}.", signer)

    def _signed(self, request: SignedRequest) -> _Signed:
        """What the Authorization header says; raises SignatureRefused if it's missing, malformed or out of its time."""
        found = _HEADER.fullmatch(request.headers.get("authorization", "").strip())
        moment = request.headers.get("x-amz-date", "")
        if not found or not re.fullmatch(r"\d{8}T\d{6}Z", moment) or found["date"] != moment[:8]:
            raise SignatureRefused("unsigned", "The request isn't signed.")
        names = tuple(found["names"].split(";"))
        service, region = request.action.split(":")[0], request.region
        if found["service"] != service or found["region"] != region or "host" not in names:
            raise SignatureRefused("elsewhere", "The request is signed for something else.")
        try:
            at = calendar.timegm(time.strptime(moment, _TIME))
        except ValueError:
            raise SignatureRefused("unsigned", "The request's date isn't valid.") from None
        # Functions have the clock of local AWS, which can be ahead; other clients have the machine's.
        if all(abs(clock - at) > _VALID for clock in (time.time(), self._now())):
            raise SignatureRefused("expired", "The signature has expired.")
        return _Signed(found["key"], found["region"], found["service"], names, found["signature"], moment)


def _is_by(keys: Keys, signed: _Signed, given: SignedRequest) -> bool:
    """Whether a request, with its body, was signed with these keys."""
    headers = given.headers
    if headers.get("x-amz-security-token", "") != keys.token:
        return False
    digest = headers.get("x-amz-content-sha256")
    if digest not in (None, sha256(given.body).hexdigest()):
        return False
    wanted = {name: headers[name] for name in signed.names if name in headers}
    if len(wanted) != len(signed.names):
        return False
    request = AWSRequest(given.method, f"http://{headers['host']}{given.path}", wanted, data=given.body)
    request.context["timestamp"] = signed.moment
    signer = SigV4Auth(Credentials(keys.access_key, keys.secret_key), signed.service, signed.region)
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return hmac.compare_digest(expected, signed.signature)
