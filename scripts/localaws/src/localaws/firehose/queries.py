"""Partition keys: the jq query of a MetadataExtraction processor.

https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
"""

from __future__ import annotations

import json
from typing import Any

import jq

from localaws.firehose.errors import InvalidDestination


class NoKeys(Exception):
    """A record without partition keys; the message has the cause."""


class KeyQuery:
    """A compiled query. It's run by the installed jq, which is newer than the JQ-1.6 of AWS."""

    def __init__(self, text: str) -> None:
        try:
            self._program: Any = jq.compile(text)
        except ValueError as error:
            raise InvalidDestination(f"the jq query {text} is invalid: {error}") from error

    def keys(self, record: bytes) -> dict[str, str]:
        """The partition keys of a record; raises NoKeys if it isn't JSON, or if a key is null, empty or a structure."""
        try:
            json.loads(record)
        except ValueError:
            raise NoKeys("Non JSON record provided") from None
        try:
            # The text as it came: that's faster than to write the document again.
            answers = self._program.input_text(record.decode()).all()
        except ValueError as error:
            raise NoKeys(f"The jq query failed: {error}") from error
        if len(answers) != 1 or not isinstance(answers[0], dict):
            raise NoKeys("The jq query must return one JSON object")
        return {name: _text(value) for name, value in answers[0].items()}


def _text(value: Any) -> str:
    if value is None or value == "" or isinstance(value, list | dict):
        raise NoKeys("partitionKeys values must not be null or empty")
    return value if isinstance(value, str) else json.dumps(value)
