"""Probes of EventBridge."""

from __future__ import annotations

import json
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused
from tests.bench.rivals.probe import expect, probe

_GUIDE = "eventbridge/latest/userguide"
_OPERATORS = f"{_GUIDE}/eb-create-pattern-operators.html"


def _matches(cloud: Cloud, detail_pattern: object, *details: object) -> list[bool]:
    """Whether a pattern of the detail matches each of these details, by TestEventPattern."""
    found = []
    for detail in details:
        event = {
            "id": "7bf73129-1428-4cd3-a780-95db273d1602",
            "source": "probe",
            "detail-type": "t",
            "account": "123456789012",
            "time": "2026-11-11T21:29:54Z",
            "region": "us-east-1",
            "resources": [],
            "detail": detail,
        }
        pattern = json.dumps({"source": ["probe"], "detail": detail_pattern})
        found.append(cloud("events").test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"])
    return found


def _rule(cloud: Cloud, target: dict[str, Any] | None = None, **options: Any) -> tuple[str, str, str]:
    """A source that nobody else has, the name of a rule for it, and the URL of the queue that is its target."""
    source, (url, arn) = cloud.name(), cloud.queue()
    cloud("events").put_rule(Name=source, EventPattern=json.dumps({"source": [source]}), **options)
    cloud("events").put_targets(Rule=source, Targets=[{"Id": "1", "Arn": arn, **(target or {})}])
    return source, source, url


def _put(cloud: Cloud, source: str, detail: object) -> dict[str, Any]:
    entry = {"Source": source, "DetailType": "t", "Detail": json.dumps(detail)}
    answer: dict[str, Any] = cloud("events").put_events(Entries=[entry])
    return answer


@probe(_OPERATORS)
def prefix(cloud: Cloud) -> None:
    """prefix matches the beginning, with equals-ignore-case in any case"""
    details = ({"a": "abc"}, {"a": "xab"}, {"a": "ABC"})
    expect(_matches(cloud, {"a": [{"prefix": "ab"}]}, *details), [True, False, False])
    expect(_matches(cloud, {"a": [{"prefix": {"equals-ignore-case": "ab"}}]}, *details), [True, False, True])


@probe(_OPERATORS)
def anything_but(cloud: Cloud) -> None:
    """anything-but takes lists, prefixes and wildcards, and needs the field"""
    expect(_matches(cloud, {"a": [{"anything-but": ["x", "y"]}]}, {"a": "x"}, {"a": "z"}, {}), [False, True, False])
    expect(_matches(cloud, {"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}, {"a": "z"}), [False, True])
    expect(_matches(cloud, {"a": [{"anything-but": {"wildcard": "*/b"}}]}, {"a": "a/b"}, {"a": "a/c"}), [False, True])


@probe(_OPERATORS)
def exists(cloud: Cloud) -> None:
    """exists works on leaves only, so an object doesn't exist"""
    details: tuple[object, ...] = ({"a": 1}, {"a": {"b": 1}}, {})
    expect(_matches(cloud, {"a": [{"exists": True}]}, *details), [True, False, False])
    expect(_matches(cloud, {"a": [{"exists": False}]}, *details), [False, True, True])


@probe(_OPERATORS)
def numbers(cloud: Cloud) -> None:
    """numeric ranges match numbers, not their texts"""
    pattern = {"a": [{"numeric": [">", 0, "<=", 5]}]}
    expect(_matches(cloud, pattern, {"a": 5}, {"a": 0}, {"a": "3"}, {"a": 5.01}), [True, False, False, False])


@probe(_OPERATORS)
def wildcards(cloud: Cloud) -> None:
    """wildcard matches any characters, slashes too"""
    pattern = {"a": [{"wildcard": "dir/*.png"}]}
    expect(_matches(cloud, pattern, {"a": "dir/x/y.png"}, {"a": "dir/x.pngs"}), [True, False])


@probe(_OPERATORS)
def either(cloud: Cloud) -> None:
    """$or matches if one of its patterns does, next to fields that must match"""
    pattern = {"s": ["on"], "$or": [{"a": [1]}, {"b": [{"numeric": ["<", 0]}]}]}
    details = ({"s": "on", "a": 1}, {"s": "on", "b": -1}, {"s": "on", "b": 1}, {"s": "off", "a": 1})
    expect(_matches(cloud, pattern, *details), [True, True, False, False])


@probe(f"{_GUIDE}/eb-create-pattern.html")
def arrays(cloud: Cloud) -> None:
    """An array in an event matches if one of its elements does; texts and numbers differ"""
    expect(_matches(cloud, {"a": ["x", 1]}, {"a": ["y", "x"]}, {"a": "1"}, {"a": 1}), [True, False, True])


@probe("eventbridge/latest/APIReference/API_PutRule.html")
def invalid_pattern(cloud: Cloud) -> None:
    """A pattern whose values aren't in arrays is refused with InvalidEventPatternException"""
    put = cloud("events").put_rule
    refused("InvalidEventPatternException", put, Name=cloud.name(), EventPattern=json.dumps({"source": "text"}))


@probe(f"{_GUIDE}/eb-transform-target-input.html")
def transformer(cloud: Cloud) -> None:
    """An input transformer fills its template, with reserved variables"""
    template = '{"id": <n>, "text": "order <n> of <who>", "rule": <aws.events.rule-name>}'
    paths = {"n": "$.detail.n", "who": "$.detail.who"}
    given = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}
    source, rule, url = _rule(cloud, given)
    _put(cloud, source, {"n": 7, "who": "Ann"})
    expect(cloud.bodies(url)[0], {"id": 7, "text": "order 7 of Ann", "rule": rule})


@probe("eventbridge/latest/APIReference/API_Target.html")
def input_path(cloud: Cloud) -> None:
    """A target with an input path gets that part of the event"""
    source, _, url = _rule(cloud, {"InputPath": "$.detail"})
    _put(cloud, source, {"n": 7})
    expect(cloud.bodies(url)[0], {"n": 7})


@probe("eventbridge/latest/APIReference/API_DisableRule.html")
def disabled(cloud: Cloud) -> None:
    """A disabled rule delivers nothing, an enabled one does"""
    source, rule, url = _rule(cloud, State="DISABLED")
    _put(cloud, source, {"n": 1})
    expect(cloud.messages(url, 1, 2), [])
    cloud("events").enable_rule(Name=rule)
    _put(cloud, source, {"n": 2})
    expect([body["detail"] for body in cloud.bodies(url)], [{"n": 2}])


@probe("eventbridge/latest/APIReference/API_PutEvents.html")
def entries(cloud: Cloud) -> None:
    """An entry whose detail isn't JSON fails with MalformedDetail, one of the source aws.x as not authorized"""
    good = {"Source": "probe", "DetailType": "t", "Detail": "{}"}
    answer = cloud("events").put_events(Entries=[good, {**good, "Detail": "no"}, {**good, "Source": "aws.x"}])
    expect(answer["FailedEntryCount"], 2)
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    expect(codes, [None, "MalformedDetail", "NotAuthorizedForSourceException"])


@probe(f"{_GUIDE}/eb-rule-dlq.html")
def dead_letter(cloud: Cloud) -> None:
    """What a target can't get is in its dead-letter queue, with the attributes RULE_ARN, TARGET_ARN and ERROR_CODE"""
    dead_url, dead_arn = cloud.queue()
    url, arn = cloud.queue()
    source, rule, _ = _rule(cloud)
    target = {"Id": "1", "Arn": arn, "DeadLetterConfig": {"Arn": dead_arn}}
    cloud("events").put_targets(Rule=rule, Targets=[target])
    cloud("sqs").delete_queue(QueueUrl=url)
    _put(cloud, source, {"n": 1})
    attributes = (cloud.messages(dead_url) or [{}])[0].get("MessageAttributes", {})
    expect({"RULE_ARN", "TARGET_ARN", "ERROR_CODE"} <= set(attributes), True, f"attributes {sorted(attributes)}")


@probe(f"{_GUIDE}/eb-scheduled-rule-pattern.html")
def rates(cloud: Cloud) -> None:
    """rate(1 minutes) and rate(5 minute) are refused with ValidationException"""
    put = cloud("events").put_rule
    for expression in ("rate(1 minutes)", "rate(5 minute)", "cron(0 12 * * * *)"):
        refused("ValidationException", put, Name=cloud.name(), ScheduleExpression=expression)


@probe(f"{_GUIDE}/eb-event-bus.html")
def bus_to_bus(cloud: Cloud) -> None:
    """A rule of the default bus forwards to another bus, whose rule has the event as it was"""
    events, source, other = cloud("events"), cloud.name(), cloud.name()
    url, arn = cloud.queue()
    bus = events.create_event_bus(Name=other)["EventBusArn"]
    pattern = json.dumps({"source": [source]})
    events.put_rule(Name=source, EventPattern=pattern)
    events.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": bus, "RoleArn": cloud.role}])
    events.put_rule(Name=source, EventBusName=other, EventPattern=pattern)
    events.put_targets(Rule=source, EventBusName=other, Targets=[{"Id": "1", "Arn": arn}])
    _put(cloud, source, {"n": 1})
    found = cloud.bodies(url)[0]
    expect((found["source"], found["detail"]), (source, {"n": 1}))
