"""Prefixes of objects, with expressions such as !{timestamp:yyyy} and !{partitionKeyFromQuery:name}.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from localaws.firehose.errors import InvalidDestination
from localaws.firehose.timestamps import compile_timestamp

LONGEST = 512
_EXPRESSION = re.compile(r"!\{([^:{}]*):([^{}]*)\}")
_HOUR = "!{timestamp:yyyy/MM/dd/HH/}"
_ERROR_TYPE = "!{firehose:error-output-type}"
_RANDOM_CHARACTERS = 11


@dataclass(frozen=True)
class _Values:
    """What the expressions of one object evaluate to."""

    moment: datetime
    keys: Mapping[str, str]
    error_type: str


@dataclass(frozen=True)
class Prefix:
    """A compiled prefix; `keys` are the partition keys in it."""

    parts: tuple[str | Callable[[_Values], str], ...]
    keys: frozenset[str]

    def evaluate(self, moment: datetime, keys: Mapping[str, str], error_type: str = "") -> str:
        """The prefix of an object whose oldest record arrived at `moment`; raises KeyError if a key is missing."""
        values = _Values(moment, keys, error_type)
        return "".join(part if isinstance(part, str) else part(values) for part in self.parts)


def data_prefix(text: str) -> Prefix:
    """The prefix of delivered records; without a time or partition key in it, it ends with the hour of arrival."""
    expressions = _expressions(text)
    if ("firehose", "error-output-type") in expressions:
        raise InvalidDestination("Prefix can't contain !{firehose:error-output-type}")
    partitioned = {namespace for namespace, _ in expressions} & {"timestamp", "partitionKeyFromQuery"}
    return _compile(text if partitioned else text + _HOUR)


def error_prefix(text: str, data: str) -> Prefix:
    """The prefix of failed records; `data` is the prefix of the others."""
    if not text:
        if _expressions(data):
            raise InvalidDestination("ErrorOutputPrefix can't be null when Prefix contains expressions")
        return _compile(f"{data}{_ERROR_TYPE}/{_HOUR}")
    expressions = _expressions(text)
    if not expressions:
        return _compile(f"{text}{_ERROR_TYPE}/{_HOUR}")
    if ("firehose", "error-output-type") not in expressions:
        raise InvalidDestination(f"ErrorOutputPrefix has expressions, so it must contain {_ERROR_TYPE}")
    if any(namespace == "partitionKeyFromQuery" for namespace, _ in expressions):
        raise InvalidDestination("ErrorOutputPrefix can't contain partition keys")
    return _compile(text)


def _expressions(text: str) -> list[tuple[str, str]]:
    """The namespace and value of each expression."""
    if "!{" in _EXPRESSION.sub("", text):
        raise InvalidDestination(f"the prefix {text} has !{{ outside an expression !{{namespace:value}}")
    return _EXPRESSION.findall(text)


def _compile(text: str) -> Prefix:
    keys = frozenset(value for namespace, value in _expressions(text) if namespace == "partitionKeyFromQuery")
    return Prefix(tuple(_parts(text)), keys)


def _parts(text: str) -> Iterator[str | Callable[[_Values], str]]:
    end = 0
    for found in _EXPRESSION.finditer(text):
        yield text[end : found.start()]
        yield _expression(found[1], found[2])
        end = found.end()
    yield text[end:]


def _expression(namespace: str, value: str) -> Callable[[_Values], str]:
    if namespace == "timestamp":
        write = compile_timestamp(value)
        return lambda values: write(values.moment)
    if namespace == "partitionKeyFromQuery":
        return lambda values: values.keys[value]
    if (namespace, value) == ("firehose", "error-output-type"):
        return lambda values: values.error_type
    if (namespace, value) == ("firehose", "random-string"):
        return lambda _: secrets.token_hex(_RANDOM_CHARACTERS)[:_RANDOM_CHARACTERS]
    raise InvalidDestination(f"the expression !{{{namespace}:{value}}} isn't supported by local AWS")
