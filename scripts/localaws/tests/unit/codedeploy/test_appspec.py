"""AppSpec files of functions."""

from __future__ import annotations

import pytest

from localaws.codedeploy.appspec import AppSpec, read_appspec
from localaws.codedeploy.errors import InvalidRevision

WHOLE = """
version: 0.0
Resources:
  - app:
      Type: AWS::Lambda::Function
      Properties: {Name: app, Alias: live, CurrentVersion: 1, TargetVersion: "2"}
Hooks:
  - BeforeAllowTraffic: CodeDeployHook_before
  - AfterAllowTraffic: CodeDeployHook_after
"""


def test_yaml_and_json_are_read() -> None:
    hooks = {"BeforeAllowTraffic": "CodeDeployHook_before", "AfterAllowTraffic": "CodeDeployHook_after"}
    spec = read_appspec(WHOLE)
    assert spec == AppSpec("app", "live", "1", "2", hooks)
    assert read_appspec(spec.text) == spec


def test_the_names_of_sections_have_no_case_as_in_the_console() -> None:
    assert read_appspec(WHOLE.replace("Resources", "resources").replace("Hooks", "hooks")) == read_appspec(WHOLE)


def test_the_way_back_has_no_hooks() -> None:
    assert read_appspec(WHOLE).reversed == AppSpec("app", "live", "2", "1")


@pytest.mark.parametrize(
    ("given", "instead", "message"),
    [
        ("version: 0.0", "version: 1.0", "must be 0.0"),
        ("Resources:", "Files:", "unknown sections: files"),
        ("AWS::Lambda::Function", "AWS::ECS::Service", "not AWS::ECS::Service"),
        ("Alias: live, ", "", "lacks Alias"),
        ("BeforeAllowTraffic", "BeforeInstall", "no hook BeforeInstall"),
        (WHOLE, "[]", "must be an object"),
        (WHOLE, "a: [", "can't be parsed"),
        ("  - BeforeAllowTraffic: CodeDeployHook_before", "  - BeforeAllowTraffic", "list of objects"),
    ],
)
def test_invalid_files_are_refused(given: str, instead: str, message: str) -> None:
    with pytest.raises(InvalidRevision, match=message):
        read_appspec(WHOLE.replace(given, instead))
