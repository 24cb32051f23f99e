"""Loops, and the other functions of AWS::LanguageExtensions."""

from __future__ import annotations

import pytest

from localaws.errors import TemplateError, TemplateRefused
from localaws.template.extensions import unrolled
from localaws.template.load import parse
from localaws.validation.check import check

TEXT = """Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Names: {Type: CommaDelimitedList, Default: "a, b-c"}
  Other: {Type: String, Default: d}
Resources:
  Fn::ForEach::Kinds:
    - Kind
    - [Fast, Slow]
    - Fn::ForEach::Queues:
        - Name
        - !Ref Names
        - ${Kind}Queue&{Name}:
            Type: AWS::SQS::Queue
            Properties:
              QueueName: !Sub "${Name}-${Kind}-${AWS::StackName}"
              DelaySeconds: !Length [!Ref Kind]
              KmsMasterKeyId: !Sub key-${Kind}
Outputs:
  Fn::ForEach::Urls:
    - Name
    - [a, !Ref Other]
    - Url${Name}: {Value: !Ref Name}
  Plain: {Value: !Ref "SlowQueuebc"}
"""


@pytest.mark.proves("Fn::ForEach")
def test_loops_are_unrolled_within_each_other_and_over_parameters() -> None:
    template = unrolled(parse(TEXT, "t"), {"Other": "e"})
    check(template, {})
    assert list(template.body["Resources"]) == ["FastQueuea", "FastQueuebc", "SlowQueuea", "SlowQueuebc"]
    properties = template.body["Resources"]["SlowQueuebc"]["Properties"]
    assert properties == {
        "QueueName": {"Fn::Sub": "b-c-Slow-${AWS::StackName}"},
        "DelaySeconds": {"Fn::Length": ["Slow"]},
        "KmsMasterKeyId": "key-Slow",
    }
    assert template.body["Outputs"] == {
        "Urla": {"Value": "a"},
        "Urle": {"Value": "e"},
        "Plain": {"Value": {"Ref": "SlowQueuebc"}},
    }


def test_the_items_of_a_loop_have_the_line_of_their_source() -> None:
    template = unrolled(parse(TEXT.replace("DelaySeconds", "Colour").replace(", b-c", ""), "t"), {})
    with pytest.raises(TemplateRefused) as caught:
        check(template, {})
    assert [str(problem) for problem in caught.value.problems] == [
        "line 16: FastQueuea.Colour: this property isn't supported",
        "line 16: SlowQueuea.Colour: this property isn't supported",
    ]
    assert template.line(("Outputs", "Urld")) == 22


def test_language_extensions_without_the_transform_are_refused() -> None:
    with pytest.raises(TemplateError, match="t, line 6: Fn::ForEach::Kinds: needs Transform: AWS::LanguageExtensions"):
        unrolled(parse(TEXT.replace("AWS::LanguageExtensions, ", ""), "t"), {})
    text = "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Length [1]}}}"
    with pytest.raises(TemplateRefused, match="Fn::Length needs Transform: AWS::LanguageExtensions"):
        check(parse(text, "t"), {})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    - [Fast, Slow]\n", "", "line 6: Fn::ForEach::Kinds: a loop is a list of"),
        ("!Ref Names", "!GetAtt Other.List", "line 9: Fn::ForEach::Queues: the collection must be a list"),
    ],
)
def test_an_invalid_loop_is_reported_with_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        unrolled(parse(TEXT.replace(old, new), "t"), {})
