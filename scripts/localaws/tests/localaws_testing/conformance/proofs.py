"""The features that each test proves: the marks `@pytest.mark.proves("feature", …)` in the sources under tests/."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, order=True)
class Proof:
    """A test: its file relative to the root, its line and its name."""

    path: str
    line: int
    test: str


def proofs(root: Path = ROOT) -> dict[str, list[Proof]]:
    """Feature → the tests that prove it."""
    found: dict[str, list[Proof]] = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if ".proves(" not in text:
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                proof = Proof(path.relative_to(root).as_posix(), node.lineno, node.name)
                for decorator in node.decorator_list:
                    for feature in _marked(decorator, path):
                        if proof not in found[feature]:
                            found[feature].append(proof)
            elif any(_marked(node, path)):
                raise ValueError(f"{path}:{node.lineno}: proves(…) is allowed on test functions only")
    return dict(found)


def _marked(node: ast.AST, path: Path) -> Iterator[str]:
    """The features in the proves(…) marks below a node, those of parametrized cases included."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "proves":
            for argument in call.args:
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    raise ValueError(
                        f"{path}:{call.lineno}: proves(…) takes string literals only, since the source isn't executed"
                    )
                yield argument.value
