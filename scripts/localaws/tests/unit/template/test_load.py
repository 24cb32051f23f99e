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


def test_short_intrinsics_are_expanded_and_dates_stay_strings() -> None:
    body = parse(TEXT, "t").body
    assert body["AWSTemplateFormatVersion"] == "2010-09-09"
    properties = body["Resources"]["Queue"]["Properties"]
    assert properties["QueueName"] == {"Fn::Sub": "${AWS::StackName}-q"}
    assert properties["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}}
    name = body["Resources"]["Letters"]["Properties"]["QueueName"]
    assert name == {"Fn::If": ["Wanted", "a", {"Ref": "AWS::NoValue"}]}


def test_each_value_has_its_line() -> None:
    template = parse(TEXT, "t")
    assert template.line(("Resources", "Queue", "Properties", "QueueName")) == 6
    assert template.line(("Resources", "Letters", "Type")) == 9
    assert template.line(("Resources", "Letters", "Properties", "Nowhere", "Deep")) == 11


def test_json_is_read_too() -> None:
    assert parse('{\n\t"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}', "t").body["Resources"]["Q"]


def test_the_last_value_of_a_duplicate_key_is_used_and_its_path_recorded() -> None:
    template = parse("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Type: AWS::SNS::Topic\n", "t")
    assert template.body["Resources"]["Q"]["Type"] == "AWS::SNS::Topic"
    assert template.repeated == (("Resources", "Q", "Type"),)
    assert template.line(("Resources", "Q", "Type")) == 4


def test_a_mappings_own_keys_override_merged_ones() -> None:
    text = "Resources:\n  A: &a {Type: T, Properties: {X: 1}}\n  B:\n    Properties: {X: 2}\n    <<: *a\n"
    template = parse(text, "t")
    assert template.body["Resources"]["B"] == {"Type": "T", "Properties": {"X": 2}}
    assert template.repeated == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Resources: {", "isn't valid YAML"),
        ("Parameters: {}", "no Resources"),
        ("just text", "no Resources"),
        ("Resources: {A: {Properties: {}}}", "A has no Type"),
        ("Resources:\n  A: {Type: T, Properties: [x]}", r"line 2: Resources.A.Properties must be a mapping"),
        ("Resources: {A: {Type: T}}\nParameters: {P: x}", r"line 2: Parameters.P must be a mapping, not 'x'"),
        ("Resources: {A: {Type: T}}\nGlobals: {Function: [x]}", r"line 2: Globals.Function must be a mapping"),
        ("Resources: {A: {Type: T, Properties: {Events: [x]}}}", r"A.Properties.Events must be a mapping"),
    ],
)
def test_an_invalid_template_is_reported(text: str, names: str) -> None:
    with pytest.raises(TemplateError, match=names):
        parse(text, "t")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateError, match="isn't UTF-8 text"):
        load(tmp_path / "t.yaml")


def test_an_empty_section_counts_as_absent() -> None:
    template = parse("Parameters:\nOutputs:\nResources: {Q: {Type: AWS::SQS::Queue}}\n", "t.yaml")
    assert template.body == {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
