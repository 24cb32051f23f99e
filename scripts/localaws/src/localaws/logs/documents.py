"""The JSON documents in log messages."""

import json
import re

_LAMBDA_STREAM = re.compile(r"\[(?:\$LATEST|\d+)\][0-9a-f]{32}$")


def document_of(message: str, group: str, stream: str) -> str | None:
    """The part of a message that may contain JSON fields, given its log group and stream."""
    if message.lstrip()[:1] == "{":
        return message
    if "{" not in message or not (group.startswith("/aws/lambda/") or _LAMBDA_STREAM.search(stream)):
        return None
    return _first_object(message)


def _first_object(message: str) -> str | None:
    decoder = json.JSONDecoder()
    start = message.find("{")
    while start >= 0:
        try:
            _, end = decoder.raw_decode(message, start)
        except json.JSONDecodeError:
            start = message.find("{", start + 1)
        else:
            return message[start:end]
    return None
