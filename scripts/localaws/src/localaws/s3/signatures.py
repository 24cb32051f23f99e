"""Signatures of requests to S3: versions 4 and 2, in a header or in the query of a presigned URL.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn

from botocore.auth import HmacV1Auth
from botocore.credentials import Credentials

from localaws.iam.guard import Guard
from localaws.iam.keys import OWN, Keys
from localaws.s3.refusals import Refusal
from localaws.s3.signed_requests import SignedRequest, canonical_request, signature, string_of_version_2

_ALGORITHM = "AWS4-HMAC-SHA256"
_SCOPE = r"(?P<key>[^/,\s]+)/(?P<scope>(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request)"
_CREDENTIAL = re.compile(_SCOPE)
_HEADER = re.compile(
    rf"{_ALGORITHM}\s+Credential={_SCOPE}\s*,\s*SignedHeaders=(?P<names>[^,\s]+)\s*,\s*Signature=(?P<signature>\S+)"
)
_VERSION_2 = re.compile(r"AWS (?P<key>[^:]+):(?P<signature>\S+)")
_TIME = "%Y%m%dT%H%M%SZ"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_DIGEST = re.compile(r"[0-9a-f]{64}")
# A request arrives at most 15 minutes after it was signed, by a clock that's at most as much ahead.
_SKEW = 900.0
_LONGEST = 604_800
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)


class SignatureRefused(Exception):
    """S3 doesn't take the signature of a request, for a reason."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True)
class Clocks:
    """The times, in epoch seconds, of the machine and of local AWS, whose clock may be ahead.

    A client may have either, or one that local AWS's had before it was moved.
    """

    machine: float
    cloud: float

    def near(self, moment: float) -> bool:
        """Whether a request that was signed at a moment may arrive now."""
        return self.machine - _SKEW <= moment <= self.cloud + _SKEW

    def of(self, moment: float) -> float:
        """The time by the clock that a moment was read from."""
        return self.machine if moment <= self.machine + _SKEW else self.cloud


class Signatures:
    """Verifies signatures by the `keys` of those who sign; a key that has none isn't verified."""

    def __init__(self, keys: Callable[[str], Keys | None], clocks: Callable[[], Clocks]) -> None:
        self._keys, self._clocks = keys, clocks

    def check(self, request: SignedRequest) -> Refusal | None:
        """Why S3 refuses a request by its signature; None if it's right, or if the request isn't signed."""
        given, asked = request.headers.get("authorization", ""), request.parameters
        try:
            if given.startswith(_ALGORITHM):
                self._check_header(request, given)
            elif "X-Amz-Algorithm" in asked or "X-Amz-Signature" in asked:
                self._check_query(request, asked)
            elif given:
                self._check_version_2_header(request, given)
            elif "Signature" in asked and "AWSAccessKeyId" in asked:
                self._check_version_2_query(request, asked)
        except SignatureRefused as refused:
            return refused.refusal
        return None

    def check_policy(self, form: Mapping[str, str]) -> Refusal | None:
        """Why S3 refuses the signature of a form's policy; its fields have names in small letters."""
        policy = form["policy"]
        if "awsaccesskeyid" in form:
            key, given = form["awsaccesskeyid"], form.get("signature", "")
            keys = self._keys(key)
            right = keys and Credentials(keys.access_key, keys.secret_key)
            wrong = right and not hmac.compare_digest(HmacV1Auth(right).sign_string(policy), given)
        else:
            found = _CREDENTIAL.fullmatch(form.get("x-amz-credential", ""))
            if not found:
                return Refusal("InvalidArgument", "POST requires exactly one x-amz-credential field.")
            key, given = found["key"], form.get("x-amz-signature", "")
            keys = self._keys(key)
            wrong = keys and not hmac.compare_digest(signature(keys.secret_key, found["scope"], policy), given)
        return _mismatch(key, given, policy) if wrong else None

    def _check_header(self, request: SignedRequest, given: str) -> None:
        found = _HEADER.fullmatch(given.strip())
        if not found:
            _refuse("AuthorizationHeaderMalformed", "The authorization header is malformed.")
        moment = self._moment(request.headers, found["date"])
        digest = request.headers.get("x-amz-content-sha256")
        if digest is None:
            _refuse("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        self._verify(request, found, moment, found["names"], digest, request.headers.get("x-amz-security-token", ""))
        if _DIGEST.fullmatch(digest):
            computed = hashlib.sha256(request.content()).hexdigest()
            if computed != digest:
                message = "The provided 'x-amz-content-sha256' header does not match what was computed."
                details = {"ClientComputedContentSHA256": digest, "S3ComputedContentSHA256": computed}
                _refuse("XAmzContentSHA256Mismatch", message, 400, **details)

    def _check_query(self, request: SignedRequest, asked: Mapping[str, str]) -> None:
        code = "AuthorizationQueryParametersError"
        if asked.get("X-Amz-Algorithm") != _ALGORITHM:
            _refuse(code, f'X-Amz-Algorithm only supports "{_ALGORITHM}"')
        if any(
            f"X-Amz-{name}" not in asked for name in ("Credential", "Date", "Expires", "SignedHeaders", "Signature")
        ):
            _refuse(
                code,
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            )
        found = _CREDENTIAL.fullmatch(asked["X-Amz-Credential"])
        moment = _moment(asked["X-Amz-Date"])
        if not found or moment is None or found["date"] != asked["X-Amz-Date"][:8]:
            _refuse(code, "Error parsing the X-Amz-Credential parameter.")
        seconds = asked["X-Amz-Expires"]
        if not seconds.isdigit():
            _refuse(code, "X-Amz-Expires should be a number")
        if int(seconds) > _LONGEST:
            least = f"the given X-Amz-Expires must be less than {_LONGEST} seconds"
            _refuse(code, f"X-Amz-Expires must be less than a week (in seconds); that is, {least}")
        self._check_expiry(moment, moment + int(seconds), {"X-Amz-Expires": seconds})
        digest = request.headers.get("x-amz-content-sha256", _UNSIGNED)
        names, token = asked["X-Amz-SignedHeaders"], asked.get("X-Amz-Security-Token", "")
        self._verify(request, found, asked["X-Amz-Date"], names, digest, token)

    def _check_expiry(self, signed: float, end: float, details: Mapping[str, str]) -> None:
        clocks = self._clocks()
        now = clocks.of(signed)
        if signed > clocks.cloud + _SKEW:
            _refuse("AccessDenied", "Request is not valid yet", 403, **details)
        if now > end:
            details = {**details, "Expires": _iso(end), "ServerTime": _iso(now)}
            _refuse("AccessDenied", "Request has expired", 403, **details)

    def _moment(self, headers: Mapping[str, str], date: str) -> str:
        """The time at which a request was signed, as in its X-Amz-Date."""
        text = headers.get("x-amz-date", "")
        if not text and "date" in headers:
            try:
                text = parsedate_to_datetime(headers["date"]).astimezone(UTC).strftime(_TIME)
            except ValueError:
                text = ""
        moment = _moment(text)
        if moment is None:
            _refuse("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403)
        self._check_skew(moment)
        if text[:8] != date:
            message = "The authorization header is malformed; Invalid credential date: it isn't the request's."
            _refuse("AuthorizationHeaderMalformed", message)
        return text

    def _check_skew(self, moment: float) -> None:
        clocks = self._clocks()
        if not clocks.near(moment):
            _refuse(
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                403,
                RequestTime=_iso(moment),
                ServerTime=_iso(clocks.of(moment)),
                MaxAllowedSkewMilliseconds=str(int(_SKEW * 1000)),
            )

    def _verify(
        self, request: SignedRequest, found: re.Match[str], moment: str, names: str, digest: str, token: str
    ) -> None:
        keys = self._keys(found["key"])
        if keys is None:
            return
        _check_token(keys, token)
        signed = names.split(";")
        unsigned = [name for name in request.headers if name.startswith("x-amz-") and name not in signed]
        if unsigned or "host" not in signed:
            message = "There were headers present in the request which were not signed"
            _refuse("AccessDenied", message, 403, HeadersNotSigned=", ".join(unsigned or ["host"]))
        canonical = canonical_request(request, signed, digest)
        hashed = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
        text = "\n".join((_ALGORITHM, moment, found["scope"], hashed))
        given = found.groupdict().get("signature") or request.parameters["X-Amz-Signature"]
        if not hmac.compare_digest(signature(keys.secret_key, found["scope"], text), given):
            raise SignatureRefused(_mismatch(found["key"], given, text, CanonicalRequest=canonical))

    def _check_version_2_header(self, request: SignedRequest, given: str) -> None:
        found = _VERSION_2.fullmatch(given.strip())
        if not found:
            _refuse("InvalidArgument", "Unsupported Authorization Type", ArgumentName="Authorization")
        text = request.headers.get("x-amz-date") or request.headers.get("date", "")
        try:
            self._check_skew(parsedate_to_datetime(text).timestamp())
        except ValueError:
            _refuse("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403)
        token = request.headers.get("x-amz-security-token", "")
        self._verify_version_2(request, found["key"], found["signature"], token, None)

    def _check_version_2_query(self, request: SignedRequest, asked: Mapping[str, str]) -> None:
        expires = asked.get("Expires", "")
        if not expires.isdigit():
            message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
            _refuse("AccessDenied", message, 403)
        # It doesn't say when it was signed: of the clocks that may have been, the machine's ends it last.
        now = self._clocks().machine
        if now > int(expires):
            details = {"Expires": _iso(int(expires)), "ServerTime": _iso(now)}
            _refuse("AccessDenied", "Request has expired", 403, **details)
        token = asked.get("x-amz-security-token", "")
        self._verify_version_2(request, asked["AWSAccessKeyId"], asked["Signature"], token, expires)

    def _verify_version_2(self, request: SignedRequest, key: str, given: str, token: str, expires: str | None) -> None:
        keys = self._keys(key)
        if keys is None:
            return
        _check_token(keys, token)
        auth = HmacV1Auth(Credentials(keys.access_key, keys.secret_key))
        text = string_of_version_2(request, token, expires, auth)
        if not hmac.compare_digest(auth.sign_string(text), given):
            raise SignatureRefused(_mismatch(key, given, text))


def signatures_of(guard: Guard) -> Signatures:
    """Verifies by the keys of roles, users, and the account's own that are known."""
    return Signatures(lambda key: guard.credentials.keys(key) or OWN.get(key), lambda: Clocks(time.time(), guard.now()))


def _check_token(keys: Keys, token: str) -> None:
    if keys.token != token and keys.access_key not in OWN:
        _refuse("InvalidToken", "The provided token is malformed or otherwise invalid.")


def _mismatch(key: str, given: str, text: str, **details: str) -> Refusal:
    known = {"AWSAccessKeyId": key, "StringToSign": text, "SignatureProvided": given, **details}
    return Refusal("SignatureDoesNotMatch", _MISMATCH, 403, known)


def _moment(text: str) -> float | None:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refuse(code: str, message: str, status: int = 400, **details: str) -> NoReturn:
    raise SignatureRefused(Refusal(code, message, status, details))
