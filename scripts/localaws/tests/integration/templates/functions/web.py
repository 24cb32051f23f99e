"""Answers HTTP requests in every way that a function can."""

import base64
import json
import time
from typing import Any


def handler(event: dict[str, Any], context: Any) -> Any:
    path = event["rawPath"]
    if path == "/inferred":
        return {"inferred": True}
    if path == "/text":
        return "just text"
    if path == "/binary":
        body = base64.b64encode(bytes(range(256))).decode()
        return {"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": body, "isBase64Encoded": True}
    if path == "/cookies":
        return {"statusCode": 201, "cookies": ["a=1; Secure", "b=2"], "headers": {"X-Count": 3}, "body": "set"}
    if path == "/malformed":
        return {"statusCode": "many"}
    if path == "/raise":
        raise ValueError("as asked")
    if path == "/slow":
        time.sleep(30)
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"event": event, "arn": context.invoked_function_arn, "version": context.function_version}),
    }
