"""Greets who is named in the path."""

from typing import Any


def handler(event: dict[str, Any], context: Any) -> str:
    return f"hello {event['pathParameters']['name']}"
