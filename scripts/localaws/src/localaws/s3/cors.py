"""Cross-origin requests, as the rules of their bucket allow them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.s3.refusals import Refusal

_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
_METHOD = "Access-Control-Request-Method"


@dataclass(frozen=True)
class Rule:
    """A rule of a bucket: patterns with at most one `*` for origins and headers."""

    methods: tuple[str, ...]
    origins: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age: str | None = None

    @classmethod
    def of(cls, stored: Any) -> Rule:
        """The rule that moto stores; one value may stand in the place of a list."""
        return cls(
            _listed(stored.allowed_methods),
            _listed(stored.allowed_origins),
            _listed(stored.allowed_headers),
            _listed(stored.exposed_headers),
            stored.max_age_seconds,
        )

    def allows(self, origin: str, method: str, headers: Iterable[str] = ()) -> bool:
        """Whether a page of an origin may send a request."""
        return (
            method in self.methods
            and any(_matches(pattern, origin) for pattern in self.origins)
            and all(any(_matches(each.lower(), name) for each in self.headers) for name in headers)
        )

    def answer(self, origin: str, headers: Iterable[str] = ()) -> dict[str, str]:
        """The headers that allow a request."""
        everyone = next(each for each in self.origins if _matches(each, origin)) == "*"
        found = {
            "Access-Control-Allow-Origin": "*" if everyone else origin,
            "Access-Control-Allow-Methods": ", ".join(self.methods),
            "Access-Control-Allow-Headers": ", ".join(headers),
            "Access-Control-Expose-Headers": ", ".join(self.exposed),
            "Access-Control-Max-Age": self.max_age or "",
            "Access-Control-Allow-Credentials": "" if everyone else "true",
            "Vary": _VARY,
        }
        return {name: value for name, value in found.items() if value}


def check_rules(rules: Iterable[Mapping[str, Any]]) -> Refusal | None:
    """Why S3 refuses the rules of a bucket's configuration, or None."""
    for rule in rules:
        for name in ("AllowedOrigin", "AllowedHeader"):
            for value in _listed(rule.get(name)):
                if value.count("*") > 1:
                    return Refusal("InvalidRequest", f'{name} "{value}" can not have more than one wildcard.')
    return None


def preflight(bucket: Any, headers: Mapping[str, str], resource_type: str) -> dict[str, str] | Refusal:
    """The headers that answer a preflight request to a bucket (None if there's none) or one of its objects."""
    origin, method = headers.get("Origin"), headers.get(_METHOD)
    if not origin:
        return Refusal("BadRequest", "Insufficient information. Origin request header needed.")
    if not method:
        return Refusal("BadRequest", "Invalid Access-Control-Request-Method: null")
    details = {"Method": method, "ResourceType": resource_type}
    if bucket is None:
        return Refusal("AccessForbidden", "CORSResponse: Bucket not found", 403, details)
    if not bucket.cors:
        return Refusal("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.", 403, details)
    asked = headers.get("Access-Control-Request-Headers", "").lower().split(",")
    names = [name.strip() for name in asked if name.strip()]
    for rule in map(Rule.of, bucket.cors):
        if rule.allows(origin, method, names):
            return rule.answer(origin, names)
    message = (
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request "
        "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
        "resource's CORS spec."
    )
    return Refusal("AccessForbidden", message, 403, details)


def allowed(bucket: Any, headers: Mapping[str, str], method: str) -> dict[str, str]:
    """The headers that let a page read the answer to its request; none if no rule allows it."""
    origin = headers.get("Origin")
    rules = map(Rule.of, bucket.cors) if bucket is not None and origin else ()
    return next((rule.answer(str(origin)) for rule in rules if rule.allows(str(origin), method)), {})


def _matches(pattern: str, text: str) -> bool:
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text))


def _listed(value: list[str] | str | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
