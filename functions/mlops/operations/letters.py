"""What a dead letter is about: the object that an event names, or the run of a function that failed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST_CHARACTERS = 4_000
"""Of a body, as it's shown."""
_S3 = "aws.s3"


@dataclass(frozen=True)
class Letter:
    """A message of a dead-letter queue.

    `about` is what it asked for; `reason` why that failed, where the message has it; `model` the model whose object it
    names; `tries` how often it was received, looks at it included. `key` is the object's.
    """

    id: str
    sent: datetime
    tries: int
    body: str
    about: str
    model: str | None = None
    key: str | None = None
    reason: str | None = None

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "Letter":
        """A message as ReceiveMessage returns it, with its attributes."""
        attributes, body = message["Attributes"], message["Body"]
        about, model, key, reason = _describe(body, message.get("MessageAttributes", {}))
        return cls(
            id=message["MessageId"],
            sent=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
            tries=int(attributes["ApproximateReceiveCount"]),
            body=body[:MOST_CHARACTERS],
            about=about,
            model=model,
            key=key,
            reason=reason,
        )


def _describe(body: str, attributes: Mapping[str, Any]) -> tuple[str, str | None, str | None, str | None]:
    """What a body asks for, the model and the key of its object, and why it failed."""
    try:
        document = json.loads(body)
    except ValueError:
        return "no JSON", None, None, None
    match document:
        case {"source": "aws.s3", "detail": {"bucket": {"name": str(bucket)}, "object": {"key": str(key)}}}:
            return f"s3://{bucket}/{key}", _find_model(key), key, None
        # Lambda's record of an asynchronous call that failed at each try.
        case {"requestContext": {"condition": str(condition)} as context, "requestPayload": payload}:
            tries = context.get("approximateInvokeCount", "several")
            return f"call {json.dumps(payload)}", None, None, f"{_message(document)} ({condition} after {tries} tries)"
        case _:
            code = attributes.get("ERROR_CODE", {}).get("StringValue")
            reason = attributes.get("ERROR_MESSAGE", {}).get("StringValue")
            return f"call {json.dumps(document)}", None, None, f"{code}: {reason}" if code else None


def _message(document: Mapping[str, Any]) -> str:
    match document.get("responsePayload"):
        case {"errorMessage": str(message)}:
            return message
    return "the function failed"


def _find_model(key: str) -> str | None:
    """The model of `datasets/<model>/…`, `feedback/<model>/…`, or of a path with `model=<model>`."""
    parts = key.split("/")
    if len(parts) > 2 and parts[0] in ("datasets", "feedback"):
        return parts[1]
    return next((part.removeprefix("model=") for part in parts if part.startswith("model=")), None)
