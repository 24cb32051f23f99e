"""Handlers that aren't there."""

from __future__ import annotations

from pathlib import Path

import pytest

from localaws.template.load import parse
from localaws.validation.handlers import handler_problems

TEXT = """Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: src}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      %s
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    sources = {
        "app.py": "if True:\n    def handler(event, context): ...\nalias = handler\n",
        "package/__init__.py": "from json import dumps as handler\n",
        "broken.py": "def handler(:\n",
        "starred.py": "from os import *\n",
        "calls.py": "print(handler)\n",
    }
    for name, source in sources.items():
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text(source)
    return tmp_path


@pytest.mark.parametrize(
    ("handler", "what"),
    [
        ("handler", "handler isn't of the form module.function"),
        ("absent.handler", "absent.py isn't in src"),
        ("package.absent.handler", "package/absent.py isn't in src"),
        ("app.absent", "app.py has no absent"),
        ("calls.handler", "calls.py has no handler"),
        ("broken.handler", "broken.py, line 1: invalid syntax"),
    ],
)
def test_a_handler_that_cannot_be_called_is_reported_with_its_line(root: Path, handler: str, what: str) -> None:
    (problem,) = handler_problems(parse(TEXT % f"Handler: {handler}", "t"), root)
    assert str(problem) == f"line 7: F.Handler: {what}; calls will fail"


@pytest.mark.parametrize(
    "properties",
    [
        "Handler: app.handler",
        "Handler: app.alias",
        "Handler: package.handler",
        "Handler: starred.path",
        "{Handler: absent.handler, Layers: [!Ref Layer]}",
        "{Handler: index.handler, InlineCode: x}",
        "{Handler: absent.handler, CodeUri: s3://bucket/key}",
        "{PackageType: Image}",
    ],
)
def test_a_handler_that_exists_or_may_be_in_a_layer_has_no_note(root: Path, properties: str) -> None:
    assert list(handler_problems(parse(TEXT % properties, "t"), root)) == []
