"""Splits a record into the records that were aggregated in it.

https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice

# "Record deaggregation by JSON or by delimiter is capped at 500 per record."
MOST = 500
_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"

type Split = Callable[[bytes], Iterator[bytes]]


class NotSplit(Exception):
    """A record that can't be split; the message has the cause."""


def deaggregate(split: Split, record: bytes) -> list[bytes]:
    """The records in a record; raises NotSplit if it's malformed or has more than 500 of them."""
    found = list(islice(split(record), MOST + 1))
    if len(found) > MOST:
        raise NotSplit(f"The record has more than {MOST} records, which is the limit of de-aggregation")
    return found


def split_json(record: bytes) -> Iterator[bytes]:
    """Consecutive JSON objects, each as it was written."""
    try:
        text = record.decode()
    except UnicodeDecodeError:
        raise NotSplit("Non JSON record provided") from None
    position = 0
    while position < len(text):
        if text[position] in _SPACE:
            position += 1
            continue
        try:
            value, end = _DECODER.raw_decode(text, position)
        except ValueError:
            raise NotSplit("Non JSON record provided") from None
        if not isinstance(value, dict):
            raise NotSplit("A record of type JSON must be a sequence of JSON objects")
        yield text[position:end].encode()
        position = end


def split_by(delimiter: bytes) -> Split:
    """Splits at a delimiter; empty records are dropped."""
    return lambda record: (part for part in record.split(delimiter) if part)
