"""Imports point inward: entry point, then flow, then registry, then contract, spec and errors."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
FLOWS = ("mlops.data", "mlops.training", "mlops.serving")

# package or module: what it may not import
FORBIDDEN = {
    "mlops.errors": ("mlops", "models"),
    "mlops.contract": ("mlops", "models"),
    "mlops.tuning": ("mlops", "models"),
    "mlops.expectations": ("mlops", "models"),
    "mlops.spec": (*FLOWS, "mlops.registry", "mlops.settings", "mlops.telemetry"),
    "mlops.candidates": (*FLOWS, "mlops.registry", "mlops.settings", "mlops.telemetry", "models"),
    "mlops.table": (*FLOWS, "mlops.registry", "mlops.settings", "mlops.telemetry", "models"),
    "mlops.settings": (*FLOWS, "mlops.registry", "mlops.spec"),
    "mlops.telemetry": (*FLOWS, "mlops.registry", "mlops.spec"),
    "mlops.explanation": ("mlops", "models"),
    "mlops.registry": (*FLOWS, "models", "mlops.spec"),
    "mlops.data": ("mlops.training", "mlops.serving", "models"),
    "mlops.serving": ("mlops.training", "mlops.data", "mlops.spec", "models"),
    "mlops.training": ("mlops.serving", "models"),
    "models": (*FLOWS, "mlops.registry", "mlops.settings", "mlops.telemetry"),
    "mlops": ("api", "train"),
}


def imports(source: str) -> Iterator[str]:
    """Every module that a source imports, wherever in it: `from a import b` may be the module a or a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def modules() -> dict[str, Path]:
    """Module name → file of everything under functions/."""
    files = {
        path.relative_to(FUNCTIONS).with_suffix("").as_posix().replace("/", "."): path
        for path in FUNCTIONS.rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in files.items()}


def offences(package: str, outlawed: tuple[str, ...]) -> list[str]:
    return [
        f"{module} imports {imported}"
        for module, path in modules().items()
        if is_in(module, package)
        for imported in imports(path.read_text(encoding="utf-8"))
        if any(is_in(imported, other) for other in outlawed) and not is_in(imported, package)
    ]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_point_inward(package: str) -> None:
    assert any(is_in(module, package) for module in modules())
    assert offences(package, FORBIDDEN[package]) == []


def test_an_import_that_points_outward_is_seen_wherever_it_stands() -> None:
    source = "import os\ndef late() -> None:\n    from mlops import training\n    import mlops.serving.app\n"
    found = list(imports(source))
    assert any(is_in(name, "mlops.training") for name in found)
    assert any(is_in(name, "mlops.serving") for name in found)
    assert offences("mlops.training", ("mlops.registry",))


def test_every_part_of_the_library_has_its_rule() -> None:
    ruled = {*FORBIDDEN, "mlops"}
    parts = {".".join(module.split(".")[:2]) for module in modules() if is_in(module, "mlops")}
    assert parts <= ruled
