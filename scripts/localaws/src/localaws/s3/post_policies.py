"""The policies of uploads by browsers' forms.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from flask import request
from moto.s3.exceptions import S3ClientError

from localaws.s3.signatures import Signatures

_REDIRECTED = 303
# Fields that need no condition.
_FREE = frozenset({"awsaccesskeyid", "signature", "x-amz-signature", "file", "policy", "bucket"})


def checked_post(signatures: Signatures) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Wraps S3Response._bucket_response_post; raises S3ClientError unless a form fulfils a policy that is signed."""

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def post(handler: Any, request: Any, bucket_name: str) -> Any:
            if request.query_string:
                return original(handler, request, bucket_name)
            fields = {name.lower(): values[0] for name, values in handler.querystring.items() if name in request.form}
            if "policy" not in fields:
                # Local AWS evaluates no policies for callers that nobody knows.
                raise S3ClientError("AccessDenied", "Access Denied")
            refused = signatures.check_policy(fields)
            if refused:
                raise S3ClientError(refused.code, refused.message)
            check_policy({**fields, "bucket": bucket_name}, len(handler.body), time.time())
            answer = original(handler, request, bucket_name)
            return _described(handler, bucket_name, fields, *answer)

        return post

    return wrap


def _described(
    handler: Any, bucket: str, fields: Mapping[str, str], status: int | str, headers: dict[str, str], body: str
) -> Any:
    """The answer with the object's ETag and address, in a document if it's asked for by a status of 201."""
    key = handler.querystring["key"][0]
    tag = handler.backend.get_object(bucket, key).etag
    location = f"{request.host_url}{bucket}/{quote(key)}"
    if int(status) == _REDIRECTED:
        redirect = fields["success_action_redirect"]
        redirect += ("&" if "?" in redirect else "?") + urlencode({"bucket": bucket, "key": key, "etag": tag})
        return status, {**headers, "ETag": tag, "Location": redirect}, body
    if fields.get("success_action_status") == "201":
        elements = {"Location": location, "Bucket": bucket, "Key": key, "ETag": tag}
        inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{inner}</PostResponse>'
        headers = {**headers, "Content-Type": "application/xml"}
    # Any other status than these means 204.
    status = status if str(status) in ("200", "201") else 204
    return status, {**headers, "ETag": tag, "Location": location}, body


def check_policy(fields: Mapping[str, str], size: int, now: float) -> None:
    """Raise S3ClientError unless the fields of a form and the size of its file fulfil the policy among them."""
    try:
        policy = json.loads(base64.b64decode(fields["policy"]))
        expires = datetime.fromisoformat(policy["expiration"]).timestamp()
        conditions = policy["conditions"]
    except (KeyError, TypeError, ValueError) as error:
        raise S3ClientError("InvalidPolicyDocument", f"Invalid Policy: {error}") from None
    if now > expires:
        raise S3ClientError("AccessDenied", "Invalid according to Policy: Policy expired.")
    for condition in conditions:
        _check(condition, fields, size)
    named = {name for condition in conditions for name in _names(condition)}
    extra = [name for name in fields if name not in named and not name.startswith("x-ignore-") and name not in _FREE]
    if extra:
        raise S3ClientError("AccessDenied", f"Invalid according to Policy: Extra input fields: {', '.join(extra)}")


def _names(condition: Any) -> list[str]:
    """The fields that a condition is about."""
    if isinstance(condition, Mapping):
        return [str(name).lower() for name in condition]
    return [str(condition[1]).removeprefix("$").lower()]


def _check(condition: Any, fields: Mapping[str, str], size: int) -> None:
    if isinstance(condition, Mapping):
        for name, value in condition.items():
            _check(["eq", f"${name}", value], fields, size)
        return
    if not isinstance(condition, list) or len(condition) != 3:
        raise S3ClientError("InvalidPolicyDocument", f"Invalid Policy: Invalid Condition {json.dumps(condition)}.")
    kind, first, second = str(condition[0]).lower(), condition[1], condition[2]
    if kind == "content-length-range":
        if size > int(second):
            raise S3ClientError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        if size < int(first):
            raise S3ClientError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        return
    found = fields.get(str(first).removeprefix("$").lower(), "")
    if not (found == str(second) if kind == "eq" else found.startswith(str(second))):
        raise S3ClientError(
            "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {json.dumps(condition)}"
        )
