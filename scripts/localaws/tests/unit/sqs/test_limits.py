"""Limits of queues and messages."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from moto.sqs.exceptions import SQSException

from localaws.sqs.limits import check_attributes, check_message, size_of

QUEUE = SimpleNamespace(maximum_message_size=1024)


def redrive(count: Any) -> str:
    return json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:1:q", "maxReceiveCount": count})


@pytest.mark.proves("queue limits")
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("DelaySeconds", ["0", "900"], ["-1", "901", "x", ""]),
        ("MaximumMessageSize", ["1024", "1048576"], ["1023", "1048577"]),
        ("MessageRetentionPeriod", ["60", "1209600"], ["59", "1209601"]),
        ("ReceiveMessageWaitTimeSeconds", ["0", "20"], ["21"]),
        ("VisibilityTimeout", ["0", "43200"], ["43201"]),
        ("KmsDataKeyReusePeriodSeconds", ["60"], ["59"]),
        ("RedrivePolicy", [redrive(1), redrive("1000"), ""], [redrive(0), redrive(1001), redrive("many")]),
    ],
)
def test_an_attribute_has_a_range(name: str, good: list[str], bad: list[str]) -> None:
    for value in good:
        check_attributes({name: value})
    for value in bad:
        with pytest.raises(SQSException, match=name):
            check_attributes({name: value})


def test_an_unknown_attribute_is_named() -> None:
    with pytest.raises(SQSException, match="Colour"):
        check_attributes({"Colour": "red"})


@pytest.mark.parametrize(
    ("body", "attributes", "names"),
    [
        ("x" * 1025, {}, "shorter than 1024 bytes"),
        ("ü" * 513, {}, "shorter than 1024 bytes"),
        ("x" * 1000, {"name": {"DataType": "String", "StringValue": "x" * 20}}, "shorter than 1024 bytes"),
        ("", {}, "MessageBody"),
        ("a\u0000b", {}, "InvalidMessageContents"),
        ("\ufffe", {}, "InvalidMessageContents"),
        ("x", {str(n): {"DataType": "String", "StringValue": "x"} for n in range(11)}, r"\[11\] exceeds"),
    ],
)
def test_a_message_that_sqs_refuses_is_refused(body: str, attributes: dict[str, Any], names: str) -> None:
    with pytest.raises(SQSException, match=names):
        check_message(QUEUE, body, attributes)


def test_a_message_of_the_largest_size_is_accepted() -> None:
    attributes = {"name": {"DataType": "Binary", "BinaryValue": b"\x00" * 14}}
    assert size_of("x" * 1000, attributes) == 1024
    check_message(QUEUE, "x" * 1000, attributes)
    check_message(QUEUE, "tab\t, line\r\n, \U0001f600", {})
