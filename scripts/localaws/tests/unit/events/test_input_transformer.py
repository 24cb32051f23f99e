"""What a rule's target is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.events.input_transformer import InvalidResult, TransformError, transform

RECEIVED = "2026-11-23T00:00:05Z"
ARN = "arn:aws:events:us-east-1:123456789012:rule/uploads"
EVENT = {"source": "s", "time": "2026-11-23T00:00:00Z", "detail": {"name": 'a"b', "size": 3, "list": [{"x": 1}]}}


def sent(**target: Any) -> Any:
    return json.loads(transform(target, EVENT, ARN, RECEIVED))


def test_a_target_gets_the_whole_event_by_default() -> None:
    assert sent() == EVENT


def test_a_target_can_get_a_constant_or_a_part() -> None:
    assert sent(Input='{"fixed": 1}') == {"fixed": 1}
    assert sent(InputPath="$.detail") == EVENT["detail"]
    assert sent(InputPath="$.detail.list[0].x") == 1
    assert sent(InputPath="$.detail.nowhere.deep") is None


def test_a_template_is_filled_with_values_of_their_types() -> None:
    paths = {"name": "$.detail.name", "size": "$.detail.size", "all": "$.detail"}
    template = '{"n": <name>, "s": <size>, "all": <all>, "rule": <aws.events.rule-name>}'
    assert sent(InputTransformer={"InputPathsMap": paths, "InputTemplate": template}) == {
        "n": 'a"b',
        "s": 3,
        "all": EVENT["detail"],
        "rule": "uploads",
    }


def test_inside_quotes_a_string_is_inserted_without_quotes() -> None:
    transformer = {"InputPathsMap": {"size": "$.detail.size"}, "InputTemplate": '"it has <size> bytes"'}
    assert sent(InputTransformer=transformer) == "it has 3 bytes"


@pytest.mark.parametrize(
    "target",
    [
        {"InputTransformer": {"InputTemplate": "x", "InputPathsMap": {"AWS.name": "$.detail"}}},
        {"InputTransformer": {"InputTemplate": "x", "InputPathsMap": {"aws.events.event": "$.detail"}}},
        {"InputTransformer": {"InputTemplate": "x", "InputPathsMap": {f"v{n}": "$.detail" for n in range(101)}}},
        {"InputTransformer": {"InputTemplate": "<unknown>"}},
        {"InputPath": "detail.name"},
        {"InputPath": "$.detail[?(@.x)]"},
    ],
)
def test_an_invalid_template_or_path_is_refused(target: dict[str, Any]) -> None:
    with pytest.raises(TransformError):
        transform(target, EVENT, ARN, RECEIVED)


PATHS = {
    "instance": "$.detail.instance-id",
    "state": "$.detail.state",
    "none": "$.detail.nowhere",
    "list": "$.detail.list",
    "detail": "$.detail",
}
INSTANCE = {
    "id": "7bf7",
    "source": "aws.ec2",
    "time": "2015-11-11T21:29:54Z",
    "detail": {"instance-id": "i-0123", "state": "RUNNING", "list": ["a", "b"]},
}


@pytest.mark.proves("events input transformers")
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('"instance <instance> is in <state>"', '"instance i-0123 is in RUNNING"'),
        ("<instance> is in state <state>", "i-0123 is in state RUNNING"),
        ('"<aws.events.rule-name> triggered"', '"uploads triggered"'),
        ('"no <none> here"', '"no  here"'),
        ('"from <list>"', '"from [a,b]"'),
        ('"Detail is <detail>"', '"Detail is {instance-id:i-0123,state:RUNNING,list:[a,b]}"'),
        ('{\n "instance": <instance>,\n "state": <state>\n}', '{"instance":"i-0123","state":"RUNNING"}'),
        (
            '{"instance": <instance>, "state": "<state>", "status": "instance \\"<instance>\\" is in <state>"}',
            '{"instance":"i-0123","state":"RUNNING","status":"instance \\"i-0123\\" is in RUNNING"}',
        ),
        ('{"state": [9, <state>, true], "sure": "Yes"}', '{"state":[9,"RUNNING",true],"sure":"Yes"}'),
        ('{"none": <none>, "list": <list>}', '{"none":"","list":["a","b"]}'),
        ('{"said": "<list>"}', '{"said":"[a,b]"}'),
        ("<list>", '["a","b"]'),
        ('{"rule": <aws.events.rule-arn>}', f'{{"rule":"{ARN}"}}'),
        ('{"at": <aws.events.event.ingestion-time>}', f'{{"at":"{RECEIVED}"}}'),
        (
            '{"original": <aws.events.event>}',
            '{"original":{"id":"7bf7","source":"aws.ec2","time":"2015-11-11T21:29:54Z"}}',
        ),
    ],
)
def test_a_template_is_filled_as_documented(template: str, expected: str) -> None:
    target = {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": template}}
    assert transform(target, INSTANCE, ARN, RECEIVED) == expected


def test_the_whole_event_is_a_variable() -> None:
    assert sent(InputTransformer={"InputTemplate": '{"all": <aws.events.event.json>}'}) == {"all": EVENT}
    assert sent(InputTransformer={"InputTemplate": "<aws.events.event.json>"}) == EVENT


def test_values_within_a_string_are_not_escaped() -> None:
    transformer = {"InputPathsMap": {"name": "$.detail.name"}, "InputTemplate": '{"m": "named <name>"}'}
    with pytest.raises(InvalidResult, match="isn't JSON"):
        sent(InputTransformer=transformer)
    text = {"InputTransformer": transformer | {"InputTemplate": '"named <name>"'}}
    assert transform(text, EVENT, ARN, RECEIVED) == '"named a"b"'


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.detail.list[*].x", [1]),
        ("$.detail.list[0].x", 1),
        ("$.detail.list[1].x", ""),
        ("$.detail.*", ['a"b', 3, [{"x": 1}]]),
        ("$.detail.size[*]", []),
        ("$", EVENT),
    ],
)
def test_paths_may_have_indices_and_wildcards(path: str, value: Any) -> None:
    transformer = {"InputPathsMap": {"v": path}, "InputTemplate": '{"v": <v>}'}
    assert sent(InputTransformer=transformer) == {"v": value}
