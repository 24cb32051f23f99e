"""Sample queries that belong to no service, and those of the pages on single commands."""

from __future__ import annotations

from localaws_testing.insights import logs
from localaws_testing.insights.expected import Query, at, whole

GENERAL: list[Query] = [
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

COMMANDS: list[Query] = [
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
