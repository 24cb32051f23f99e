"""References to undefined names."""

from __future__ import annotations

import pytest

from localaws.errors import TemplateInvalid
from localaws.template.load import parse
from localaws.validation.check import check

QUEUE = "Type: AWS::SQS::Queue"


def test_each_undefined_reference_is_named_with_its_line() -> None:
    text = f"""Conditions: {{Known: !Equals [!Ref Stage, prod]}}
Resources:
  A:
    {QUEUE}
    Properties: {{QueueName: !Sub "${{Nowhere}}-${{AWS::Region}}-${{!Literal}}", DelaySeconds: !If [NoCondition, 1, 2]}}
  B:
    {QUEUE}
    Properties:
      QueueName: !Sub ["${{Own}}-${{Ghost.Arn}}", {{Own: !Ref AWS::Regional}}]
      DelaySeconds: !FindInMap [NoMap, a, b]
  C:
    {QUEUE}
    Condition: Unknown
    DependsOn: [A, Nobody]
    Properties: {{QueueName: !GetAtt Absent.QueueName}}
Outputs:
  O: {{Condition: Known, Value: !Ref Missing}}
"""
    with pytest.raises(TemplateInvalid, match="AWS would reject it too") as caught:
        check(parse(text, "t"), {})
    assert [str(problem) for problem in caught.value.problems] == [
        "line 1: Conditions.Known.Fn::Equals[0]: Stage is neither a parameter nor a resource",
        "line 5: A.DelaySeconds: the template has no condition NoCondition",
        "line 5: A.QueueName: Nowhere is neither a parameter nor a resource",
        "line 9: B.QueueName: the template has no resource Ghost",
        "line 9: B.QueueName.Fn::Sub[1].Own: AWS::Regional is neither a parameter nor a resource; "
        "did you mean AWS::Region?",
        "line 10: B.DelaySeconds: the template has no mapping NoMap",
        "line 13: C.Condition: the template has no condition Unknown; did you mean Known?",
        "line 14: C.DependsOn: the template has no resource Nobody",
        "line 15: C.QueueName: the template has no resource Absent",
        "line 17: Outputs.O.Value: Missing is neither a parameter nor a resource",
    ]


def test_resources_generated_by_sam_may_be_referenced() -> None:
    text = """Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, AutoPublishAlias: live}
Outputs:
  Role: {Value: !GetAtt WebRole.Arn}
  Api: {Value: !Ref ServerlessHttpApi}
  Alias: {Value: !Ref Web.Alias}
"""
    check(parse(text, "t"), {})
    with pytest.raises(TemplateInvalid, match="Webb"):
        check(
            parse(
                text.replace("Transform: AWS::Serverless-2016-10-31", "")
                .replace("AWS::Serverless::Function", "AWS::Lambda::Function")
                .replace(", CodeUri: src, AutoPublishAlias: live", "")
                .replace("WebRole", "Webb"),
                "t",
            ),
            {},
        )
