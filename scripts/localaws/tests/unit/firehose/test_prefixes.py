"""Prefixes: the examples and rules of AWS's documentation.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from localaws.firehose.errors import InvalidDestination
from localaws.firehose.prefixes import data_prefix, error_prefix

MOMENT = datetime(2018, 8, 27, 10, 30, tzinfo=UTC)
TYPE = "!{firehose:error-output-type}"


@pytest.mark.parametrize(
    ("prefix", "evaluated"),
    [
        ("", "2018/08/27/10/"),
        ("myFirehosePrefix/", "myFirehosePrefix/2018/08/27/10/"),
        ("!{timestamp:yyyy/MM/dd}", "2018/08/27"),
        ("myPrefix/year=!{timestamp:yyyy}/hour=!{timestamp:HH}/", "myPrefix/year=2018/hour=10/"),
        ("model=!{partitionKeyFromQuery:model}/", "model=iris/"),
    ],
)
def test_a_prefix_is_evaluated(prefix: str, evaluated: str) -> None:
    assert data_prefix(prefix).evaluate(MOMENT, {"model": "iris"}) == evaluated


@pytest.mark.parametrize(
    ("errors", "prefix", "evaluated"),
    [
        (f"myFirehoseFailures/{TYPE}/", "", "myFirehoseFailures/processing-failed/"),
        (f"e/!{{timestamp:'year='yyyy'/month='MM}}/{TYPE}", "", "e/year=2018/month=08/processing-failed"),
        ("", "myFirehosePrefix/", "myFirehosePrefix/processing-failed/2018/08/27/10/"),
        ("errors/", "", "errors/processing-failed/2018/08/27/10/"),
    ],
)
def test_an_error_prefix_is_evaluated(errors: str, prefix: str, evaluated: str) -> None:
    assert error_prefix(errors, prefix).evaluate(MOMENT, {}, "processing-failed") == evaluated


def test_each_random_string_is_another_of_11_characters() -> None:
    text = data_prefix("!{firehose:random-string}/!{firehose:random-string}/!{timestamp:yyyy}").evaluate(MOMENT, {})
    first, second, _ = text.split("/")
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{11}", first)


@pytest.mark.parametrize(
    ("prefix", "reason"),
    [
        (f"a/{TYPE}/", "can't contain"),
        ("!{partitionKeyFromLambda:x}/", "partitionKeyFromLambda:x} isn't supported"),
        ("!{firehose:date}/", "firehose:date} isn't supported"),
        ("a!{b", "outside an expression"),
        ("!{timestamp:EEEE}", "not of EEEE"),
    ],
)
def test_an_invalid_prefix_is_refused(prefix: str, reason: str) -> None:
    with pytest.raises(InvalidDestination, match=reason):
        data_prefix(prefix)


@pytest.mark.parametrize(
    ("errors", "prefix", "reason"),
    [
        ("", "!{timestamp:yyyy/MM/dd}", "can't be null when Prefix contains expressions"),
        ("e/!{timestamp:yyyy}/", "", "must contain"),
        (f"{TYPE}/!{{partitionKeyFromQuery:x}}/", "", "partition keys"),
    ],
)
def test_an_invalid_error_prefix_is_refused(errors: str, prefix: str, reason: str) -> None:
    with pytest.raises(InvalidDestination, match=reason):
        error_prefix(errors, prefix)
