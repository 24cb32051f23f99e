"""Which test proves what: every `@pytest.mark.proves("a thing", …)` under tests/, read without running any."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, order=True)
class Proof:
    """A test that proves something: its file, from the root, its first line and its name."""

    path: str
    line: int
    test: str


def proofs(root: Path = ROOT) -> dict[str, list[Proof]]:
    """The tests that prove each thing named. A mark on a module speaks of every test in it."""
    found: dict[str, list[Proof]] = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if ".proves(" not in text:
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                proof = Proof(path.relative_to(root).as_posix(), node.lineno, node.name)
                for decorator in node.decorator_list:
                    for thing in _named(decorator, path):
                        if proof not in found[thing]:
                            found[thing].append(proof)
            elif any(_named(node, path)):
                raise ValueError(f"{path}:{node.lineno}: proves(…) stands on tests only")
    return dict(found)


def _named(node: ast.AST, path: Path) -> Iterator[str]:
    """What the proves(…) marks in a piece of a source name; they may stand in the cases of a parametrized test too."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "proves":
            for argument in call.args:
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    raise ValueError(f"{path}:{call.lineno}: proves(…) takes plain strings, so that it can be read")
                yield argument.value
