"""AWS::Include."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localaws.errors import TemplateError
from localaws.template.includes import files_below, included
from localaws.template.load import parse

FILES = {
    "s3://b/resources": "Shared: {Type: AWS::SQS::Queue}\nOwn: {Type: AWS::SNS::Topic}",
    "s3://b/properties": "QueueName: included\nDelaySeconds: 5",
    "s3://b/template": "Resources:\n  Extra: {Type: AWS::SQS::Queue}\nOutputs: {A: {Value: a}}",
    "s3://b/nested": "Deep: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/properties}}}",
    "s3://b/list": "[1]",
    "s3://b/broken": "{",
}


def body_of(text: str) -> Any:
    return included(parse(text, "t"), FILES.__getitem__).body


def include(location: str) -> str:
    return f"{{Name: AWS::Include, Parameters: {{Location: {location}}}}}"


@pytest.mark.proves("cloudformation includes")
def test_a_part_is_merged_into_its_place_and_does_not_override_it() -> None:
    body = body_of(
        f"""
Resources:
  Fn::Transform: {include("s3://b/resources")}
  Own: {{Type: AWS::SQS::Queue, Properties: {{Fn::Transform: {include("s3://b/properties")}, DelaySeconds: 1}}}}
"""
    )
    assert body == {
        "Resources": {
            "Shared": {"Type": "AWS::SQS::Queue"},
            "Own": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "included", "DelaySeconds": 1}},
        }
    }


def test_a_whole_template_is_included_beside_another_transform() -> None:
    text = f"Transform: [AWS::Serverless-2016-10-31, {include('s3://b/template')}]\nResources: {{Q: {{Type: T}}}}"
    assert body_of(text) == {
        "Transform": ["AWS::Serverless-2016-10-31"],
        "Resources": {"Extra": {"Type": "AWS::SQS::Queue"}, "Q": {"Type": "T"}},
        "Outputs": {"A": {"Value": "a"}},
    }
    assert "Transform" not in body_of(f"Transform: {include('s3://b/template')}\nResources: {{Q: {{Type: T}}}}")


def test_a_location_may_be_a_parameter_and_an_include_contain_another() -> None:
    text = f"""
Parameters: {{Where: {{Type: String, Default: s3://b/nested}}}}
Resources: {{Q: {{Type: T, Properties: {{Fn::Transform: {include("{Ref: Where}")}}}}}}}
"""
    properties = body_of(text)["Resources"]["Q"]["Properties"]
    assert properties == {"Deep": {"QueueName": "included", "DelaySeconds": 5}}


def test_a_template_without_includes_is_unchanged() -> None:
    template = parse("Resources: {Q: {Type: T, Properties: {Fn::Transform: {Name: Other}}}}", "t")
    assert included(template, FILES.__getitem__).body == template.body


@pytest.mark.parametrize(
    ("location", "names"),
    [
        ("[]", "needs a Location"),
        ("{Ref: Nobody}", "needs a Location"),
        ("s3://b/list", "a mapping"),
        ("s3://b/broken", "YAML"),
    ],
)
def test_an_include_that_cannot_be_read_is_named(location: str, names: str) -> None:
    with pytest.raises(TemplateError, match=names):
        body_of(f"Resources: {{Fn::Transform: {include(location)}}}")


def test_files_are_read_from_the_templates_folder(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text("a: 1")
    assert files_below(tmp_path)("part.yaml") == "a: 1"
    for location, names in (("s3://b/k", "before local AWS runs"), ("no.yaml", "No such file")):
        with pytest.raises(TemplateError, match=names):
            files_below(tmp_path)(location)
