"""The filters of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.events.pattern import PatternError, compile_pattern

Matches = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True)
class RecordForm:
    """What a record of a source has: its `keys`, and the key whose text may be JSON (`body` or `data`), if any."""

    keys: frozenset[str]
    parsed: str | None = None


MESSAGE = RecordForm(
    frozenset({"messageId", "body", "attributes", "messageAttributes", "eventSource", "eventSourceARN", "awsRegion"}),
    "body",
)


def compile_filters(criteria: Mapping[str, Any] | None, form: RecordForm = MESSAGE) -> Matches:
    """A function that returns whether a record matches any of the filters, or there are none. Raises PatternError."""
    filters = [_filter(item.get("Pattern") or "{}", form) for item in (criteria or {}).get("Filters") or []]
    return lambda record: not filters or any(matches(record) for matches in filters)


def _filter(text: str, form: RecordForm) -> Matches:
    try:
        pattern = json.loads(text)
    except ValueError:
        raise PatternError(f"{text} isn't JSON") from None
    if not isinstance(pattern, dict):
        raise PatternError(f"{text} isn't an object")
    if not pattern:
        return lambda _: True
    unknown = set(pattern) - form.keys - {"$or"}
    if unknown:
        raise PatternError(f"a record has no {', '.join(sorted(unknown))}")
    matches, key = compile_pattern(pattern), form.parsed

    def matches_parsed(record: Mapping[str, Any]) -> bool:
        if key is None or not isinstance(pattern.get(key), dict):
            return matches(record)
        try:
            content = json.loads(record[key])
        except ValueError:
            return False
        return matches({**record, key: content})

    return matches_parsed
