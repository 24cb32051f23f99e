"""Templates as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from localaws.errors import TemplateError
from localaws.template.load import load, parse

TEXT = """AWSTemplateFormatVersion: 2010-09-09
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${AWS::StackName}-q"
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Letters.Arn}
  Letters:
    Type: AWS::SQS::Queue
    Condition: Wanted
    Properties: {QueueName: !If [Wanted, a, !Ref AWS::NoValue]}
"""


def test_short_intrinsics_are_written_out_and_dates_stay_text() -> None:
    body = parse(TEXT, "t").body
    assert body["AWSTemplateFormatVersion"] == "2010-09-09"
    properties = body["Resources"]["Queue"]["Properties"]
    assert properties["QueueName"] == {"Fn::Sub": "${AWS::StackName}-q"}
    assert properties["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}}
    name = body["Resources"]["Letters"]["Properties"]["QueueName"]
    assert name == {"Fn::If": ["Wanted", "a", {"Ref": "AWS::NoValue"}]}


def test_each_value_knows_its_line() -> None:
    template = parse(TEXT, "t")
    assert template.line(("Resources", "Queue", "Properties", "QueueName")) == 6
    assert template.line(("Resources", "Letters", "Type")) == 9
    assert template.line(("Resources", "Letters", "Properties", "Nowhere", "Deep")) == 11


def test_json_is_read_too() -> None:
    assert parse('{\n\t"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}', "t").body["Resources"]["Q"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Resources: {", "isn't valid YAML"),
        ("Resources: {A: {Type: T}, A: {Type: T}}", "A is given twice"),
        ("Parameters: {}", "no Resources"),
        ("just text", "no Resources"),
        ("Resources: {A: {Properties: {}}}", "A has no Type"),
    ],
)
def test_what_is_not_a_template_is_said(text: str, names: str) -> None:
    with pytest.raises(TemplateError, match=names):
        parse(text, "t")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")
