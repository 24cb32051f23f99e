"""What local AWS refuses of state machines, by resource, place in the definition, and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from localaws.errors import TemplateRefused
from localaws.template.load import load, parse
from localaws.validation.check import check

INLINE = """Transform: AWS::Serverless-2016-10-31
Resources:
  Work: {Type: AWS::SQS::Queue}
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A:
            Type: Task
            Resource: RESOURCE
            Next: NEXT
          B: {Type: Succeed}
"""


def inline(resource: str, following: str = "B") -> str:
    return INLINE.replace("RESOURCE", resource).replace("NEXT", following)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            inline("arn:aws:states:::glue:startJobRun.sync"),
            "line 12: M.Definition.States.A.Resource: NOT_SUPPORTED_BY_LOCAL_AWS: Local AWS doesn't support the "
            "integration glue:startJobRun.",
        ),
        (
            inline("arn:aws:states:::lambda:invoke", "C"),
            "line 13: M.Definition.States.A.Next: MISSING_TRANSITION_TARGET: Missing 'Next' target: C",
        ),
    ],
)
def test_a_problem_has_its_place_and_line(text: str, message: str) -> None:
    with pytest.raises(TemplateRefused) as caught:
        check(parse(text, "t.yaml"), {})
    assert message in str(caught.value)


@pytest.mark.parametrize("resource", ["!GetAtt Work.Arn", '"${Work}"', '!Sub "${Work.Arn}"'])
def test_values_that_are_not_known_yet_are_left_alone(resource: str) -> None:
    check(parse(inline(resource), "t.yaml"), {})


def test_a_condition_that_is_not_known_yet_is_left_alone() -> None:
    text = """Transform: AWS::Serverless-2016-10-31
Parameters: {Most: {Type: Number, Default: 0}}
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        QueryLanguage: JSONata
        StartAt: A
        States:
          A: {Type: Choice, Choices: [{Condition: CONDITION, Next: B}], Default: B}
          B: {Type: Succeed}
"""
    check(parse(text.replace("CONDITION", '!Sub "{% ${Most} > 0 %}"'), "t.yaml"), {})
    with pytest.raises(TemplateRefused, match=r"Choices\[0\]\.Condition.*must be a JSONata expression or a boolean"):
        check(parse(text.replace("CONDITION", "'a text'"), "t.yaml"), {})


def test_a_definition_as_text_is_checked_as_far_as_it_is_known() -> None:
    text = """Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: r
      DefinitionString: '%s'
"""
    wrong = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}'
    with pytest.raises(TemplateRefused, match=r"line 6: M\.DefinitionString: .*target: B at /States/A/Next"):
        check(parse(text % wrong, "t.yaml"), {})
    with pytest.raises(TemplateRefused, match="INVALID_JSON_DESCRIPTION"):
        check(parse(text % "{", "t.yaml"), {})
    check(parse(text % '{"StartAt": "A", "TimeoutSeconds": ${Seconds}, "States": {}}', "t.yaml"), {})


def test_a_definition_in_a_file_is_checked_with_the_template(tmp_path: Path) -> None:
    (tmp_path / "m.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Job"}}}')
    template = tmp_path / "t.yaml"
    machine = "M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: m.asl.json}}"
    template.write_text(f"Transform: AWS::Serverless-2016-10-31\nResources: {{{machine}}}\n")
    with pytest.raises(TemplateRefused, match=r"line 2: M\.DefinitionUri: m\.asl\.json: .* at /States/A/Type"):
        check(load(template), {})
