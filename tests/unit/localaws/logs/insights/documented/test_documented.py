"""Queries from AWS's documentation of Logs Insights, against rows that were worked out by hand from small logs.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-examples.html (sample queries),
CWL_QuerySyntax.html and the pages of its commands (filter, stats, parse, sort, limit, dedup, unnest, display, fields),
CWL_QuerySyntax-operations-functions.html (structure types).
"""

from __future__ import annotations

from typing import Any

import pytest

from localaws.logs.insights.query import run_query
from tests.unit.localaws.logs.insights.documented import logs
from tests.unit.localaws.logs.insights.documented.logs import Lines
from tests.unit.localaws.logs.sample import NOW

Rows = list[dict[str, str]]


def at(minute: int, second: int = 0, hour: int = 10) -> str:
    return f"2026-11-23 {hour}:{minute:02}:{second:02}.000"


def whole(lines: Lines, *places: int) -> Rows:
    """The rows that show an event's time and message: what a query without fields gives."""
    picked = [lines[place] for place in places]
    return [{"@timestamp": at(second // 60 % 60, second % 60, 10 + second // 3600), "@message": text}
            for second, text in picked]  # fmt: skip


GENERAL: list[tuple[Lines, str, Rows]] = [
    (logs.GENERAL, "fields @timestamp, @message | sort @timestamp desc | limit 25", whole(logs.GENERAL, 3, 2, 1, 0)),
    (logs.GENERAL, """filter @message like /Exception/
    | stats count(*) as exceptionCount by bin(1h)
    | sort exceptionCount desc""", [
        {"bin(1h)": at(0, 0, 11), "exceptionCount": "2"}, {"bin(1h)": at(0), "exceptionCount": "1"},
    ]),
    (logs.GENERAL, "fields @message | filter @message not like /Exception/", [{"@message": "INFO start"}]),
    (logs.GENERAL, "fields @timestamp, @message\n    # | filter @message like /delay/\n    | limit 20",
     whole(logs.GENERAL, 3, 2, 1, 0)),
    (logs.SERVERS, "fields @timestamp, server, severity, message | sort @timestamp asc | dedup server", [
        {"@timestamp": at(0), "server": "s1", "severity": "WARN", "message": "a"},
        {"@timestamp": at(1), "server": "s2", "severity": "ERROR", "message": "b"},
        {"@timestamp": at(4), "severity": "INFO", "message": "e"},
    ]),
    (logs.SERVERS, "fields @timestamp, server, severity, message | sort @timestamp desc | dedup server", [
        {"@timestamp": at(4), "severity": "INFO", "message": "e"},
        {"@timestamp": at(3), "server": "s1", "severity": "ERROR", "message": "d"},
        {"@timestamp": at(1), "server": "s2", "severity": "ERROR", "message": "b"},
    ]),
    (logs.SERVERS, "fields @timestamp, server, severity, message | sort @timestamp desc | dedup server, severity", [
        {"@timestamp": at(4), "severity": "INFO", "message": "e"},
        {"@timestamp": at(3), "server": "s1", "severity": "ERROR", "message": "d"},
        {"@timestamp": at(2), "server": "s1", "severity": "WARN", "message": "c"},
        {"@timestamp": at(1), "server": "s2", "severity": "ERROR", "message": "b"},
    ]),
]  # fmt: skip

COMMANDS: list[tuple[Lines, str, Rows]] = [
    (logs.FIELDS, "fields `foo-bar`, action, abs(f3-f4)", [
        {}, {"action": "REJECT", "abs(f3-f4)": "28"}, {"foo-bar": "x", "action": "ACCEPT", "abs(f3-f4)": "4"},
    ]),
    (logs.FIELDS, "fields concat(Operation, '-', StatusCode) as opStatus", [
        {"opStatus": "GET-300"}, {"opStatus": "GET-404"}, {"opStatus": "PUT-200"},
    ]),
    (logs.FIELDS, "fields ispresent(resolverArn) as isRes", [{"isRes": "0"}] * 3),
    (logs.FIELDS, "fields f1, f2, f3 | filter (duration>2000)", [
        {"f1": "2", "f2": "b", "f3": "1"}, {"f1": "10", "f2": "a", "f3": "5"},
    ]),
    (logs.FIELDS, "filter (duration>2000)", whole(logs.FIELDS, 2, 0)),
    (logs.FIELDS, "fields f1, f2 | filter (f1=10 or f3>25)", [{"f1": "-4", "f2": "b"}, {"f1": "10", "f2": "a"}]),
    (logs.FIELDS, r"fields f1 | filter statusCode like /2\d\d/", [{"f1": "10"}]),
    (logs.FIELDS, "fields @timestamp, @message | filter statusCode in [300,400,500]", whole(logs.FIELDS, 2)),
    (logs.FIELDS, 'fields @timestamp, @message | filter Type not in ["foo","bar",1]', whole(logs.FIELDS, 1)),
    (logs.FIELDS, "stats avg (f1) by f2", [{"f2": "a", "avg (f1)": "10"}, {"f2": "b", "avg (f1)": "-1"}]),
    (logs.FIELDS, "fields f1, f2, f3 | sort f1 desc", [
        {"f1": "10", "f2": "a", "f3": "5"}, {"f1": "2", "f2": "b", "f3": "1"}, {"f1": "-4", "f2": "b", "f3": "30"},
    ]),
    (logs.FIELDS, "sort @timestamp desc | limit 25 | display f1, f2", [
        {"f1": "2", "f2": "b"}, {"f1": "-4", "f2": "b"}, {"f1": "10", "f2": "a"},
    ]),
    (logs.FIELDS, "fields abs(myField) as AbsoluteValuemyField, myField2", [
        {"myField2": "kept"}, {"AbsoluteValuemyField": "3.5"}, {},
    ]),
    (logs.FIELDS, "stats avg(f1) as myAvgF1 | sort myAvgF1 desc", [{"myAvgF1": "2.6667"}]),
    (logs.TEXTS, "fields f1, f2, f3 | filter f1 like /Exception/", [
        {"f1": "Exception", "f2": "4", "f3": "x"}, {"f1": "java.lang.Exception: a", "f2": "1"},
    ]),
    (logs.TEXTS, "fields f1, f2, f3 | filter f1 =~ /Exception/", [
        {"f1": "Exception", "f2": "4", "f3": "x"}, {"f1": "java.lang.Exception: a", "f2": "1"},
    ]),
    (logs.TEXTS, 'fields f1, f2, f3 | filter f1 like "Exception"', [
        {"f1": "Exception", "f2": "4", "f3": "x"}, {"f1": "java.lang.Exception: a", "f2": "1"},
    ]),
    (logs.TEXTS, "fields f2 | filter f1 like /(?i)Exception/", [{"f2": "4"}, {"f2": "3"}, {"f2": "2"}, {"f2": "1"}]),
    (logs.TEXTS, "fields f2 | filter f1 =~ /^(?i)Exception$/", [{"f2": "4"}, {"f2": "2"}]),
    (logs.VALUES, "fields v | sort v asc", [{"v": value} for value in logs.SORTED]),
    (logs.LARGE, """FIELDS strlen(@message) AS message_length
    | STATS sum(message_length)/1024/1024 as logs_mb BY bin(5m)
    | STATS max(logs_mb) AS peak_ingest_mb,
        min(logs_mb) AS min_ingest_mb,
        avg(logs_mb) AS avg_ingest_mb""", [
        {"peak_ingest_mb": "1", "min_ingest_mb": "0.5", "avg_ingest_mb": "0.75"},
    ]),
]  # fmt: skip

SERVICES: list[tuple[Lines, str, Rows]] = [
    # 128 MB are 128,000,000 bytes here, as in Lambda's fields: 122.0703 times 1024 times 1024.
    (logs.FUNCTION, """filter @type = "REPORT"
    | stats max(@memorySize / 1024 / 1024) as provisonedMemoryMB,
        min(@maxMemoryUsed / 1024 / 1024) as smallestMemoryRequestMB,
        avg(@maxMemoryUsed / 1024 / 1024) as avgMemoryUsedMB,
        max(@maxMemoryUsed / 1024 / 1024) as maxMemoryUsedMB,
        provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB""", [
        {"provisonedMemoryMB": "122.0703", "smallestMemoryRequestMB": "77.2476", "avgMemoryUsedMB": "82.9697",
         "maxMemoryUsedMB": "85.8307", "overProvisionedMB": "36.2396"},
    ]),
    (logs.FUNCTION, 'filter @type = "REPORT" |\n    stats avg(@duration), max(@duration), min(@duration) by bin(5m)', [
        {"bin(5m)": at(0), "avg(@duration)": "12.34", "max(@duration)": "12.34", "min(@duration)": "12.34"},
        {"bin(5m)": at(5), "avg(@duration)": "1750.375", "max(@duration)": "2000.25", "min(@duration)": "1500.5"},
    ]),
    (logs.FUNCTION, """fields @timestamp, @requestId, @message, @logStream
    | filter @type = "REPORT" and @duration > 1000
    | sort @timestamp desc
    | dedup @requestId
    | limit 20""", [
        whole(logs.FUNCTION, 3)[0] | {"@requestId": logs.TWO, "@logStream": "stream"},
    ]),
    (logs.FLOWS, """stats sum(packets) as packetsTransferred by srcAddr, dstAddr
    | sort packetsTransferred  desc
    | limit 15""", [
        {"srcAddr": "192.0.2.77", "dstAddr": "10.0.0.2", "packetsTransferred": "20"},
        {"srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "packetsTransferred": "17"},
        {"srcAddr": "198.51.100.9", "dstAddr": "10.0.0.1", "packetsTransferred": "1"},
    ]),
    (logs.FLOWS, """filter isIpv4InSubnet(srcAddr, "192.0.2.0/24")
    | stats sum(bytes) as bytesTransferred by dstAddr
    | sort bytesTransferred desc
    | limit 15""", [
        {"dstAddr": "10.0.0.2", "bytesTransferred": "4000"}, {"dstAddr": "10.0.0.1", "bytesTransferred": "1700"},
    ]),
    (logs.FLOWS, "filter protocol=17 | stats count(*) by srcAddr", [
        {"srcAddr": "192.0.2.5", "count(*)": "1"}, {"srcAddr": "198.51.100.9", "count(*)": "1"},
    ]),
    (logs.FLOWS, 'filter logStatus="SKIPDATA"\n    | stats count(*) by bin(1h) as t\n    | sort t', [
        {"t": at(0, 0, 11), "count(*)": "1"},
    ]),
    (logs.FLOWS, """fields @timestamp, srcAddr, dstAddr, srcPort, dstPort, protocol, bytes
    | filter logStream = 'vpc-flow-logs' and interfaceId = 'eni-0123456789abcdef0'
    | sort @timestamp desc
    | dedup srcAddr, dstAddr, srcPort, dstPort, protocol
    | limit 20""", [
        {"@timestamp": at(1, 30), "srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "srcPort": "443", "dstPort": "5000",
         "protocol": "6", "bytes": "200"},
        {"@timestamp": at(1), "srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "srcPort": "443", "dstPort": "5000",
         "protocol": "17", "bytes": "500"},
    ]),
    (logs.FLOWS, """filter (dstAddr like '10.0.0.1' and srcAddr like '192.0.')
    | stats sum(bytes) as bytesTransferred by srcAddr, dstAddr
    | sort bytesTransferred desc
    | limit 10""", [{"srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "bytesTransferred": "1700"}]),
    (logs.NAMES, "stats count(*) by queryType, bin(1h)", [
        {"queryType": "A", "bin(1h)": at(0), "count(*)": "1"},
        {"queryType": "A", "bin(1h)": at(0, 0, 11), "count(*)": "2"},
        {"queryType": "AAAA", "bin(1h)": at(0), "count(*)": "1"},
    ]),
    (logs.NAMES, "stats count(*) as numRequests by resolverIp\n    | sort numRequests desc\n    | limit 10", [
        {"resolverIp": "1.1.1.1", "numRequests": "3"}, {"resolverIp": "2.2.2.2", "numRequests": "1"},
    ]),
    (logs.NAMES, 'filter responseCode="SERVFAIL" | stats count(*) by queryName', [
        {"queryName": "b.example", "count(*)": "2"},
    ]),
    (logs.TRAIL, "stats count(*) by eventSource, eventName, awsRegion", [
        {"eventSource": "cloudtrail.amazonaws.com", "eventName": "UpdateTrail", "awsRegion": "us-east-1",
         "count(*)": "2"},
        {"eventSource": "ec2.amazonaws.com", "eventName": "StartInstances", "awsRegion": "us-east-2", "count(*)": "1"},
        {"eventSource": "ec2.amazonaws.com", "eventName": "StopInstances", "awsRegion": "us-east-1", "count(*)": "1"},
        {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "awsRegion": "us-east-1", "count(*)": "1"},
        {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "awsRegion": "us-east-1", "count(*)": "2"},
    ]),
    (logs.TRAIL, 'filter (eventName="StartInstances" or eventName="StopInstances") and region="us-east-2"',
     whole(logs.TRAIL, 0)),
    (logs.TRAIL, """filter eventName="CreateUser"
    | fields awsRegion, requestParameters.userName, responseElements.user.arn""", [
        {"awsRegion": "us-east-1", "requestParameters.userName": "ann", "responseElements.user.arn": "arn:ann"},
    ]),
    (logs.TRAIL, """filter eventName="UpdateTrail" and ispresent(errorCode)
    | stats count(*) by errorCode, errorMessage""", [
        {"errorCode": "Denied", "errorMessage": "no", "count(*)": "1"},
    ]),
    (logs.TRAIL, """filter tlsDetails.tlsVersion in [ "TLSv1", "TLSv1.1" ]
    | stats count(*) as numOutdatedTlsCalls by userIdentity.accountId, recipientAccountId, eventSource, eventName,
        awsRegion, tlsDetails.tlsVersion, tlsDetails.cipherSuite, userAgent
    | sort eventSource, eventName, awsRegion, tlsDetails.tlsVersion""", [
        {"userIdentity.accountId": "111", "recipientAccountId": "222", "eventSource": "kms.amazonaws.com",
         "eventName": "Decrypt", "awsRegion": "us-east-1", "tlsDetails.tlsVersion": "TLSv1",
         "tlsDetails.cipherSuite": "AES", "userAgent": "old", "numOutdatedTlsCalls": "1"},
    ]),
    (logs.TRAIL, """filter tlsDetails.tlsVersion in [ "TLSv1", "TLSv1.1" ]
    | stats count(*) as numOutdatedTlsCalls by eventSource
    | sort numOutdatedTlsCalls desc""", [{"eventSource": "kms.amazonaws.com", "numOutdatedTlsCalls": "1"}]),
    (logs.REQUESTS, """fields @timestamp, status, ip, path, httpMethod
    | filter status>=400 and status<=499
    | sort @timestamp desc
    | limit 10""", [
        {"@timestamp": at(1, 35), "status": "429", "ip": "1.2.3.5", "path": "/c", "httpMethod": "GET"},
        {"@timestamp": at(0, 30), "status": "404", "ip": "1.2.3.4", "path": "/b", "httpMethod": "GET"},
    ]),
    (logs.REQUESTS, """fields @timestamp, status, ip, path, httpMethod, responseLatency
    | sort responseLatency desc
    | limit 2""", [
        {"@timestamp": at(1), "status": "500", "ip": "1.2.3.5", "path": "/a", "httpMethod": "PUT",
         "responseLatency": "900"},
        {"@timestamp": at(1, 30), "status": "200", "ip": "1.2.3.4", "path": "/a", "httpMethod": "GET",
         "responseLatency": "35"},
    ]),
    (logs.REQUESTS, "stats count(*) as requestCount by path\n    | sort requestCount desc\n    | limit 10", [
        {"path": "/a", "requestCount": "3"}, {"path": "/b", "requestCount": "2"}, {"path": "/c", "requestCount": "1"},
    ]),
    (logs.REQUESTS, """filter status=200
    | stats avg(integrationLatency), max(integrationLatency), min(integrationLatency) by bin(1m)""", [
        {"bin(1m)": at(0), "avg(integrationLatency)": "10", "max(integrationLatency)": "10",
         "min(integrationLatency)": "10"},
        {"bin(1m)": at(1), "avg(integrationLatency)": "25", "max(integrationLatency)": "30",
         "min(integrationLatency)": "20"},
    ]),
    (logs.BUS, """fields @timestamp, @message
    | stats count(*) as numberOfEvents by `detail-type`
    | sort numberOfEvents desc""", [
        {"detail-type": "Object Created", "numberOfEvents": "2"},
        {"detail-type": "Object Deleted", "numberOfEvents": "1"},
    ]),
]  # fmt: skip

PARSED = {"level": "ERROR", "config": "{foo=2, bar=data}", "exception": "DataIntegrityException"}
EXTRACTION: list[tuple[Lines, str, Rows]] = [
    (logs.JAVA, 'parse @message "[*] * The error was: *" as level, config, exception', [
        whole(logs.JAVA, 0)[0] | PARSED,
    ]),
    (logs.JAVA, r"parse @message /\[(?<level>\S+)\]\s+(?<config>\{.*\})\s+The error was: (?<exception>\S+)/", [
        whole(logs.JAVA, 0)[0] | PARSED,
    ]),
    (logs.JAVA, """fields @message
    | parse @message "[*] *" as loggingType, loggingMessage
    | filter loggingType = "ERROR"
    | display loggingMessage""", [
        {"loggingMessage": "{foo=2, bar=data} The error was: DataIntegrityException"},
    ]),
    (logs.LOGGED, """FIELDS @message
    | PARSE @message "* [*] *" as loggingTime, loggingType, loggingMessage
    | FILTER loggingType IN ["ERROR", "INFO"]
    | DISPLAY loggingMessage, loggingType = "ERROR" as isError""", [
        {"loggingMessage": "broke", "isError": "1"}, {"loggingMessage": "began", "isError": "0"},
    ]),
    (logs.CALLS, """parse @message "user=*, method:*, latency := *" as @user,
    @method, @latency | stats avg(@latency) by @method,
    @user""", [
        {"@method": "GET", "@user": "ann", "avg(@latency)": "15"},
        {"@method": "PUT", "@user": "bob", "avg(@latency)": "5"},
    ]),
    # The last group takes as little as it can, which is nothing: there's no latency to average.
    (logs.CALLS, """parse @message /user=(?<user2>.*?), method:(?<method2>.*?), latency := (?<latency2>.*?)/
    | stats avg(@latency2) by @method2, @user2""", [
        {"@method2": "GET", "@user2": "ann"}, {"@method2": "PUT", "@user2": "bob"},
    ]),
    (logs.STRUCTURES, "fields jsonParse(@message) as json_message | stats count() by json_message.status_code", [
        {"json_message.status_code": "200", "count()": "2"}, {"json_message.status_code": "500", "count()": "1"},
    ]),
    (logs.STRUCTURES, """fields jsonParse(@message) as json_message
    | filter json_message.users[1].action = "PutData"
    | display json_message.users[0].action, json_message.`a.b`.c""", [
        {"json_message.users[0].action": "GetData", "json_message.a.b.c": "1"},
    ]),
    (logs.STRUCTURES, """fields jsonParse(@message) as json_message
    | unnest json_message.events into event
    | display event.name""", [{"event.name": "exception"}, {"event.name": "user action"}]),
    (logs.STRUCTURES, """fields jsonParse(@message) as js
    | unnest js.accounts into account
    | filter account.type = "internal"
    | display account.n""", [{"account.n": "1"}]),
    (logs.SPANS, """fields jsonParse(trimmedData) as accounts
    | unnest accounts into account
    | stats sum(account.droppedSpans) as n by account.accountId
    | sort n desc
    | limit 10""", [
        {"account.accountId": "1", "n": "11"}, {"account.accountId": "2", "n": "9"},
    ]),
]  # fmt: skip

DOCUMENTED = [*GENERAL, *COMMANDS, *SERVICES, *EXTRACTION]


def ask(lines: Lines, query: str) -> list[dict[str, Any]]:
    answer = run_query(query, logs.events(lines), NOW)
    return [{name: value for name, value in row if name != "@ptr"} for row in answer.rows]


@pytest.mark.proves(
    "insights fields",
    "insights display",
    "insights filter",
    "insights parse",
    "insights stats",
    "insights sort",
    "insights limit",
    "insights dedup",
    "insights unnest",
)
@pytest.mark.parametrize(("lines", "query", "rows"), DOCUMENTED, ids=[query for _, query, _ in DOCUMENTED])
def test_a_documented_query_gives_the_rows_worked_out_by_hand(lines: Lines, query: str, rows: Rows) -> None:
    assert ask(lines, query) == rows


def test_there_are_at_least_forty_of_them_and_none_is_there_twice() -> None:
    queries = [query for _, query, _ in DOCUMENTED]
    assert len(set(queries)) == len(queries) >= 40
