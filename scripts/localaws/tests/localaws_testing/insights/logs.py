"""Small logs of the kinds that AWS's documentation queries: (second after 10:00, message), oldest first."""

from __future__ import annotations

import json
from typing import Any

from localaws.logs.insights.events import Event
from localaws_testing.insights.sample import START

Lines = list[tuple[int, str]]


def documents(*given: tuple[int, dict[str, Any]]) -> Lines:
    return [(second, json.dumps(fields)) for second, fields in given]


FIELDS = documents(
    (0, {"f1": 10, "f2": "a", "f3": 5, "f4": 9, "duration": 2500, "statusCode": 200, "Type": "foo", "foo-bar": "x",
         "action": "ACCEPT", "Operation": "PUT", "StatusCode": 200}),
    (60, {"f1": -4, "f2": "b", "f3": 30, "f4": 2, "duration": 1500, "statusCode": 404, "Type": "baz",
          "action": "REJECT", "Operation": "GET", "StatusCode": 404, "myField": -3.5}),
    (120, {"f1": 2, "f2": "b", "f3": 1, "duration": 2001, "statusCode": 300, "Type": 1, "Operation": "GET",
           "StatusCode": 300, "myField2": "kept"}),
)  # fmt: skip

TEXTS = documents(
    (0, {"f1": "java.lang.Exception: a", "f2": 1}),
    (60, {"f1": "EXCEPTION", "f2": 2}),
    (120, {"f1": "exceptional", "f2": 3}),
    (180, {"f1": "Exception", "f2": 4, "f3": "x"}),
)

GENERAL: Lines = [
    (0, "INFO start"),
    (1800, "java.io.IOException: disk"),
    (3600, "Exception in thread main"),
    (3700, "Exception again"),
]

SERVERS = documents(
    (0, {"server": "s1", "severity": "WARN", "message": "a"}),
    (60, {"server": "s2", "severity": "ERROR", "message": "b"}),
    (120, {"server": "s1", "severity": "WARN", "message": "c"}),
    (180, {"server": "s1", "severity": "ERROR", "message": "d"}),
    (240, {"severity": "INFO", "message": "e"}),
)

ONE, TWO = "8b8d2f84-66fb-4bfc-b75b-53dbd4758291", "8b8d2f84-66fb-4bfc-b75b-53dbd4758292"


def report(request: str, duration: float, used: int) -> str:
    return (
        f"REPORT RequestId: {request}\tDuration: {duration} ms\tBilled Duration: {int(duration) + 1} ms\t"
        f"Memory Size: 128 MB\tMax Memory Used: {used} MB\t"
    )


FUNCTION: Lines = [
    (10, report(ONE, 12.34, 81)),
    (420, f"START RequestId: {TWO} Version: $LATEST"),
    (421, report(TWO, 1500.5, 90)),
    (430, report(TWO, 2000.25, 90)),
]

_CONNECTION = {"logStream": "vpc-flow-logs", "interfaceId": "eni-0123456789abcdef0", "srcPort": 443, "dstPort": 5000}
FLOWS = documents(
    (0, _CONNECTION | {"srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "packets": 10, "bytes": 1000, "protocol": 6}),
    (60, _CONNECTION | {"srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "packets": 5, "bytes": 500, "protocol": 17}),
    (90, _CONNECTION | {"srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "packets": 2, "bytes": 200, "protocol": 6}),
    (120, {"srcAddr": "192.0.2.77", "dstAddr": "10.0.0.2", "packets": 20, "bytes": 4000, "protocol": 6}),
    (3700, {"srcAddr": "198.51.100.9", "dstAddr": "10.0.0.1", "packets": 1, "bytes": 40, "protocol": 17,
            "logStatus": "SKIPDATA"}),
)  # fmt: skip

NAMES = documents(
    (0, {"queryType": "A", "resolverIp": "1.1.1.1", "responseCode": "NOERROR", "queryName": "a.example"}),
    (60, {"queryType": "AAAA", "resolverIp": "1.1.1.1", "responseCode": "SERVFAIL", "queryName": "b.example"}),
    (3600, {"queryType": "A", "resolverIp": "2.2.2.2", "responseCode": "SERVFAIL", "queryName": "b.example"}),
    (3660, {"queryType": "A", "resolverIp": "1.1.1.1", "responseCode": "NOERROR", "queryName": "c.example"}),
)

_EC2, _IAM, _TRAIL, _KMS = (f"{name}.amazonaws.com" for name in ("ec2", "iam", "cloudtrail", "kms"))
_OLD = {"tlsDetails": {"tlsVersion": "TLSv1", "cipherSuite": "AES"}, "userIdentity": {"accountId": "111"}}
TRAIL = documents(
    (0, {"eventSource": _EC2, "eventName": "StartInstances", "awsRegion": "us-east-2", "region": "us-east-2"}),
    (60, {"eventSource": _EC2, "eventName": "StopInstances", "awsRegion": "us-east-1", "region": "us-east-1"}),
    (120, {"eventSource": _IAM, "eventName": "CreateUser", "awsRegion": "us-east-1",
           "requestParameters": {"userName": "ann"}, "responseElements": {"user": {"arn": "arn:ann"}}}),
    (180, {"eventSource": _TRAIL, "eventName": "UpdateTrail", "awsRegion": "us-east-1", "errorCode": "Denied",
           "errorMessage": "no"}),
    (240, {"eventSource": _TRAIL, "eventName": "UpdateTrail", "awsRegion": "us-east-1"}),
    (300, {"eventSource": _KMS, "eventName": "Decrypt", "awsRegion": "us-east-1", "recipientAccountId": "222",
           "userAgent": "old"} | _OLD),
    (360, {"eventSource": _KMS, "eventName": "Decrypt", "awsRegion": "us-east-1",
           "tlsDetails": {"tlsVersion": "TLSv1.3"}}),
)  # fmt: skip

REQUESTS = documents(
    (0, {"status": 200, "path": "/a", "ip": "1.2.3.4", "httpMethod": "GET", "integrationLatency": 10,
         "responseLatency": 12}),
    (30, {"status": 404, "path": "/b", "ip": "1.2.3.4", "httpMethod": "GET", "responseLatency": 3}),
    (60, {"status": 500, "path": "/a", "ip": "1.2.3.5", "httpMethod": "PUT", "responseLatency": 900}),
    (90, {"status": 200, "path": "/a", "ip": "1.2.3.4", "httpMethod": "GET", "integrationLatency": 30,
          "responseLatency": 35}),
    (95, {"status": 429, "path": "/c", "ip": "1.2.3.5", "httpMethod": "GET", "responseLatency": 1}),
    (110, {"status": 200, "path": "/b", "ip": "1.2.3.5", "httpMethod": "GET", "integrationLatency": 20,
           "responseLatency": 22}),
)  # fmt: skip

BUS = documents(
    (0, {"detail-type": "Object Created"}),
    (1, {"detail-type": "Object Deleted"}),
    (2, {"detail-type": "Object Created"}),
)

JAVA: Lines = [(0, "25 May 2019 10:24:39,474 [ERROR] {foo=2, bar=data} The error was: DataIntegrityException")]
LOGGED: Lines = [(0, "09:00 [INFO] began"), (1, "09:01 [DEBUG] detail"), (2, "09:02 [ERROR] broke")]
CALLS: Lines = [
    (0, "user=ann, method:GET, latency := 10"),
    (1, "user=ann, method:GET, latency := 20"),
    (2, "user=bob, method:PUT, latency := 5"),
]
LARGE: Lines = [(0, "x" * 1024 * 1024), (300, "x" * 512 * 1024)]

STRUCTURES: Lines = [
    (0, json.dumps({"status_code": 200, "events": [{"name": "exception"}, {"name": "user action"}]})),
    (1, json.dumps({"status_code": 200, "accounts": [{"type": "internal", "n": 1}, {"type": "external", "n": 2}]})),
    (2, json.dumps({"status_code": 500, "users": [{"action": "GetData"}, {"action": "PutData"}], "a.b": {"c": 1}})),
]
SPANS = documents(
    (0, {"trimmedData": json.dumps([{"accountId": "1", "droppedSpans": 5}, {"accountId": "2", "droppedSpans": 9}])}),
    (1, {"trimmedData": json.dumps([{"accountId": "1", "droppedSpans": 6}])}),
)

# The list of values that the documentation of sort shows in ascending order.
SORTED = [
    "!:",
    "#",
    "*%04",
    "0#",
    "5A",
    "111A",
    "2345_",
    "@",
    "@_",
    "A",
    "A9876fghj",
    "a12345hfh",
    "0",
    "01",
    "1",
    "2",
    "3",
]
VALUES = documents(*((position, {"v": value}) for position, value in enumerate(reversed(SORTED))))


def events(lines: Lines) -> list[Event]:
    """The events of a log."""
    return [
        Event(START + 1000 * second, message, "stream", "123456789012:group", START + 1000 * second, f"p{place}")
        for place, (second, message) in enumerate(lines)
    ]
