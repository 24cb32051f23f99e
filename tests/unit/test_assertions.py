"""A test that asserts does so on every path: one that asserts only under a condition passes by never reaching it."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [folder for folder in (ROOT / "tests", ROOT / "scripts/localaws/tests") if folder.is_dir()]
SKIPS = (ast.Continue, ast.Return, ast.Break)

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_check(node: ast.AST) -> bool:
    """Whether a statement asserts by itself: `assert`, `with pytest.raises(...)`, `np.testing.assert_...(...)`."""
    if isinstance(node, ast.With | ast.AsyncWith):
        return any(called(item.context_expr) in ("raises", "warns") for item in node.items)
    if isinstance(node, ast.Expr):
        return called(node.value).startswith(("assert_", "fail"))
    return isinstance(node, ast.Assert)


def called(node: ast.AST) -> str:
    """The last name of what is called, such as raises for pytest.raises(...)."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def always_asserts(statements: Sequence[ast.stmt]) -> bool:
    """Whether every path through the statements asserts. A loop counts as run, an exception as not raised."""
    for statement in statements:
        if is_check(statement) or all(map(always_asserts, paths(statement))):
            return True
        if isinstance(statement, ast.If) and isinstance(statement.body[-1], SKIPS):
            return always_asserts(statement.body) and always_asserts(statements[statements.index(statement) + 1 :])
    return False


def paths(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The ways through a statement, of which one is taken; one without statements if it holds none."""
    if isinstance(statement, ast.If):
        return [statement.body, statement.orelse]
    if isinstance(statement, ast.For | ast.While | ast.With | ast.AsyncFor | ast.AsyncWith):
        return [statement.body]
    if isinstance(statement, ast.Try):
        return [[*statement.body, *statement.orelse, *statement.finalbody]]
    if isinstance(statement, ast.Match):
        return [case.body for case in statement.cases]
    return [[]]


def asserts_somewhere(function: Function) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function))


def functions_in(source: str) -> Iterator[Function]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


def conditional(source: str) -> list[str]:
    """The tests that assert, but not on every path."""
    return [each.name for each in functions_in(source) if asserts_somewhere(each) and not always_asserts(each.body)]


def test_no_test_asserts_only_under_a_condition() -> None:
    files = [file for folder in FOLDERS for file in folder.rglob("test_*.py")]
    assert len(files) > 100
    found = {str(file.relative_to(ROOT)): conditional(file.read_text(encoding="utf-8")) for file in files}
    assert {name: tests for name, tests in found.items() if tests} == {}


@pytest.mark.parametrize(
    "body",
    [
        "if x:\n        assert y",
        "for x in xs:\n        if x:\n            assert y",
        "for x in xs:\n        if x:\n            continue\n        assert y",
        "try:\n        call()\n    except ValueError:\n        assert y",
        "if x:\n        assert y\n    else:\n        call()",
    ],
)
def test_an_assertion_under_a_condition_is_found(body: str) -> None:
    assert conditional(f"def test_it():\n    {body}\n") == ["test_it"]


@pytest.mark.parametrize(
    "body",
    [
        "if x:\n        assert y\n    else:\n        assert z",
        "if x:\n        assert y\n    assert z",
        "for x in xs:\n        assert x",
        "with pytest.raises(ValueError):\n        call()\n    if x:\n        assert y",
        "call()",
    ],
)
def test_an_assertion_on_every_path_is_accepted(body: str) -> None:
    assert conditional(f"def test_it():\n    {body}\n") == []
