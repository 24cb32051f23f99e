"""The examples of AWS's page on filter patterns, each with its matching messages.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json

import pytest

from localaws.logs.patterns import compile_pattern

FATAL, EXITING = "[ERROR] A fatal exception has occurred", "Exiting with ERRORCODE: -1"
CAUGHT, UNHANDLED = "[ERROR] Caught IllegalArgumentException", "[ERROR] Unhandled Exception"
FAILED, UNABLE = "[WARN] Failed to process the request", "[ERROR] Unable to continue: Failed to process the request"
BOTH, ERROR, WARN = "ERROR WARN message", "ERROR message", "WARN message"
BAR, BAZ = json.dumps({"foo": "bar"}), json.dumps({"foo": "baz"})

USERS = json.dumps(
    {
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
    }
)
NUMBERS = json.dumps(
    {"latency": 1500, "numbers": [0.005], "processes": [0, 0, 0, 0, {"averageRuntime": 55.5}], "errorCode": 400}
)
APACHE = [
    '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534',
    '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324',
    '127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /apache_pb.html HTTP/1.0" 404 355',
]


@pytest.mark.parametrize(
    ("pattern", "messages", "found"),
    [
        ("ERROR", [FATAL, EXITING], [FATAL, EXITING]),
        ('"ERROR" -"Exiting"', [FATAL, EXITING], [FATAL]),
        ("ERROR Exception", [CAUGHT, UNHANDLED, FATAL], [CAUGHT, UNHANDLED]),
        ('"Failed to process the request"', [FAILED, UNABLE, FATAL], [FAILED, UNABLE]),
        ("?ERROR ?WARN", [BOTH, ERROR, WARN], [BOTH, ERROR, WARN]),
        ("ERROR WARN", [BOTH, ERROR, WARN], [BOTH]),
        ("ERROR -WARN", [BOTH, ERROR, WARN], [ERROR]),
        ("[w1=ERROR, w2]", [BOTH, ERROR, WARN], [ERROR]),
        ("[w1=ERROR || w1=WARN, w2]", [BOTH, ERROR, WARN], [ERROR, WARN]),
        ("{$.foo = bar}", [BAR, BAZ], [BAR]),
        ("{$.foo = bar || $.foo = baz }", [BAR, BAZ], [BAR, BAZ]),
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', [USERS], [USERS]),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', [USERS], []),
        (
            '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }',
            [USERS],
            [USERS],
        ),
        (
            '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = no) && $.actions[2] = nomatch }',
            [USERS],
            [],
        ),
        # What a selector finds must be a value: an array matches neither.
        ("{$.users = 1}", ['{"users": [1, 2, 3]}'], []),
        ("{$.users != 1}", ['{"users": [1, 2, 3]}', '{"users": null}', '{"users": 2}'], ['{"users": 2}']),
        ("{ $.latency >= 500 }", [NUMBERS], [NUMBERS]),
        ("{ $.numbers[0] < 10e3 }", [NUMBERS], [NUMBERS]),
        ("{ $.numbers[0] < 10e-3 }", [NUMBERS], [NUMBERS]),
        ("{ $.processes[4].averageRuntime <= 55.5 }", [NUMBERS], [NUMBERS]),
        ("{ $.errorCode = 400 }", [NUMBERS], [NUMBERS]),
        ("{ $.errorCode != 500 }", [NUMBERS], [NUMBERS]),
        ("{ $.latency > +1000 }", [NUMBERS], [NUMBERS]),
        ("{ $.latency = * }", [NUMBERS, BAR], [NUMBERS]),
        ("[ip, user, username, timestamp, request, status_code, bytes]", APACHE, APACHE),
        ("[..., status_code, bytes]", APACHE, APACHE),
        ("[ip, user, ..., status_code, bytes]", APACHE, APACHE),
        ("[ip, user, ...]", APACHE, APACHE),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", APACHE, APACHE[:2]),
        ("[ip, user, username, timestamp, request, status_code = 200, bytes]", APACHE, APACHE[:1]),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes]", APACHE, APACHE[2:]),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", APACHE, APACHE[2:]),
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000]", APACHE, []),
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 100]", APACHE, APACHE[2:]),
        ("[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]", APACHE, APACHE[2:]),
        ("[ip, user, username, timestamp, request, status_code = 403 || status_code = 404, bytes]", APACHE, APACHE[2:]),
        ("[..., request=*.html*, status_code=4*,]", APACHE, APACHE[2:]),
    ],
)
def test_a_documented_pattern_matches_as_documented(pattern: str, messages: list[str], found: list[str]) -> None:
    matches = compile_pattern(pattern)
    assert [message for message in messages if matches(message)] == found
