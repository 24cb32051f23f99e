"""The filters of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from localaws.events.pattern import PatternError, compile_pattern

Matches = Callable[[Mapping[str, Any]], bool]
_KEYS = frozenset(
    {"messageId", "body", "attributes", "messageAttributes", "eventSource", "eventSourceARN", "awsRegion"}
)


def compile_filters(criteria: Mapping[str, Any] | None) -> Matches:
    """A function that returns whether a record matches any of the filters, or there are none. Raises PatternError."""
    filters = [_filter(item.get("Pattern") or "{}") for item in (criteria or {}).get("Filters") or []]
    return lambda record: not filters or any(matches(record) for matches in filters)


def _filter(text: str) -> Matches:
    try:
        pattern = json.loads(text)
    except ValueError:
        raise PatternError(f"{text} isn't JSON") from None
    if not isinstance(pattern, dict):
        raise PatternError(f"{text} isn't an object")
    if not pattern:
        return lambda _: True
    unknown = set(pattern) - _KEYS - {"$or"}
    if unknown:
        raise PatternError(f"a message has no {', '.join(sorted(unknown))}")
    matches = compile_pattern(pattern)
    parsed = isinstance(pattern.get("body"), dict)

    def matches_body(record: Mapping[str, Any]) -> bool:
        if not parsed:
            return matches(record)
        try:
            body = json.loads(record["body"])
        except ValueError:
            return False
        return matches({**record, "body": body})

    return matches_body
