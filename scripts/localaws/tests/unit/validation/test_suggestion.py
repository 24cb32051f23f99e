"""Suggestions for misspelt names."""

from __future__ import annotations

import re

import pytest

from localaws.errors import TemplateInvalid, TemplateRefused
from localaws.resource_types import registry
from localaws.template.load import parse
from localaws.validation.check import check
from localaws.validation.suggestion import suggest

MISSPELT = """Transform: AWS::Serverless-2016-10-31
Outptus: {}
Resources:
  Get:
    Type: AWS::Serverless::Functon
  Set:
    Type: AWS::Serverless::Function
    DependOn: Jobs
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src
      Enviroment: {Variables: {QUEUE: !GetAtt Jobs.ARN}}
      Events:
        Call: {Type: HttpAPI, Properties: {Path: /, Method: get}}
  Jobs:
    Type: AWS::SQS::Que
  Rows:
    Type: AWS::DynamoDB::GlobalTable
  Work:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !GetAtt Topic.TopicNmae, VisibilityTimeOut: 30}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Joni [a, b]}
"""


def test_a_misspelt_name_of_the_template_language_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(TemplateRefused) as caught:
        check(parse(MISSPELT, "t"), {})
    problems = [re.sub(r"line \d+: |; local AWS supports [^;]+", "", str(each)) for each in caught.value.problems]
    assert problems == [
        "Outptus: this section isn't supported; did you mean Outputs?",
        "Get.Type: resource type AWS::Serverless::Functon isn't supported; did you mean AWS::Serverless::Function?",
        "Set.DependOn: this resource attribute isn't supported; did you mean DependsOn?",
        "Set.Enviroment: this property isn't supported; did you mean Environment?",
        "Set.Events.Call: Type HttpAPI isn't supported; did you mean HttpApi?",
        "Jobs.Type: resource type AWS::SQS::Que isn't supported; did you mean AWS::SQS::Queue?",
        "Rows.Type: resource type AWS::DynamoDB::GlobalTable isn't supported",
        "Work.QueueName: attribute TopicNmae of AWS::SNS::Topic isn't supported; did you mean TopicName?",
        "Work.VisibilityTimeOut: this property isn't supported; did you mean VisibilityTimeout?",
        "Topic.TopicName: intrinsic function Fn::Joni isn't supported; did you mean Fn::Join?",
    ]


def test_a_misspelt_name_of_the_templates_own_is_invalid_with_the_one_that_was_meant() -> None:
    text = """Conditions: {IsProd: !Equals [!Ref Stag, prod]}
Mappings: {Sizes: {a: {b: "1"}}}
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Condition: IsPord
    DependsOn: Jbos
    Properties: {QueueName: !Sub "${Jobz}-x", DelaySeconds: !FindInMap [Size, a, b]}
"""
    with pytest.raises(TemplateInvalid) as caught:
        check(parse(text, "t"), {})
    assert [str(problem).rpartition("; ")[2] for problem in caught.value.problems] == [
        "did you mean Stage?",
        "did you mean IsProd?",
        "did you mean Jobs?",
        "did you mean Sizes?",
        "did you mean Jobs?",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "AWS::EC2::VPC",
        "AWS::DynamoDB::GlobalTable",
        "AWS::SNS::TopicInlinePolicy",
        "AWS::IAM::UserPolicy",
        "Alexa::ASK::Skill",
    ],
)
def test_a_type_of_aws_that_isnt_supported_is_taken_for_no_other(name: str) -> None:
    assert suggest(name, registry.TYPES) == ""
