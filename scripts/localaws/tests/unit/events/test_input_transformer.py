"""What a rule's target is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.events.input_transformer import TransformError, transform

ARN = "arn:aws:events:us-east-1:123456789012:rule/uploads"
EVENT = {"source": "s", "time": "2026-11-23T00:00:00Z", "detail": {"name": 'a"b', "size": 3, "list": [{"x": 1}]}}


def sent(**target: Any) -> Any:
    return json.loads(transform(target, EVENT, ARN))


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
        {"InputTransformer": {"InputTemplate": "<unknown>"}},
        {"InputPath": "detail.name"},
        {"InputPath": "$.detail[?(@.x)]"},
    ],
)
def test_an_invalid_template_or_path_is_refused(target: dict[str, Any]) -> None:
    with pytest.raises(TransformError):
        transform(target, EVENT, ARN)
