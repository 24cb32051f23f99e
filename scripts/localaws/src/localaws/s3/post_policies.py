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

from moto.s3.exceptions import S3ClientError


def checked_post(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._bucket_response_post; raises S3ClientError unless the form fulfils its policy, if it has one."""

    def post(handler: Any, request: Any, bucket_name: str) -> Any:
        fields = {name.lower(): values[0] for name, values in handler.querystring.items() if values}
        if "policy" in fields:
            check_policy({**fields, "bucket": bucket_name}, len(handler.body), time.time())
        return original(handler, request, bucket_name)

    return post


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
