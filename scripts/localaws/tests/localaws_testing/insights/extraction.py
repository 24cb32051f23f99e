"""Queries that take text or JSON apart."""

from __future__ import annotations

from localaws_testing.insights import logs
from localaws_testing.insights.expected import Query, whole

PARSED = {"level": "ERROR", "config": "{foo=2, bar=data}", "exception": "DataIntegrityException"}
EXTRACTION: list[Query] = [
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
