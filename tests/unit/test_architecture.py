"""Imports point inward: entry point, flow, registry, artifact and spec, contract and errors; no packages in a circle."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"

_BASE = {"mlops.contract", "mlops.errors", "mlops.privacy", "mlops.settings", "mlops.telemetry"}
# package or module: all of this project that it may import besides itself
ALLOWED: dict[str, set[str]] = {
    "mlops.contract": set(),
    "mlops.errors": set(),
    "mlops.telemetry": set(),
    "mlops.settings": {"mlops.errors"},
    "mlops.privacy": {"mlops.contract"},
    "mlops.artifact": {"mlops.contract", "mlops.errors"},
    "mlops.spec": {"mlops.contract", "mlops.errors"},
    "mlops.registry": {"mlops.artifact", "mlops.contract", "mlops.errors"},
    "mlops.tracking": {"mlops.registry", "mlops.artifact", "mlops.contract", "mlops.errors"},
    "mlops.data": {"mlops.spec", "mlops.artifact", "mlops.contract", "mlops.errors", "mlops.privacy"},
    "mlops.serving": {"mlops.registry", "mlops.artifact", *_BASE},
    "mlops.monitoring": {"mlops.registry", "mlops.artifact", *_BASE},
    "mlops.training": {"mlops.data", "mlops.registry", "mlops.tracking", "mlops.artifact", "mlops.spec", *_BASE},
    "models": {"mlops.spec", "mlops.contract"},
    "api": {"mlops.serving"},
    "serve": {"mlops.serving"},
    # It hands the serving code to training, which must not import it.
    "train": {"mlops.training", "mlops.serving", "mlops.data", "mlops.registry", "mlops.tracking", *_BASE},
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


def owner(module: str) -> str | None:
    """The package or module of ALLOWED that a module belongs to; None if it isn't this project's."""
    return next((package for package in ALLOWED if is_in(module, package)), None)


def offences(package: str) -> list[str]:
    """What modules of the package import of this project without being allowed to."""
    return [
        f"{module} imports {imported}"
        for module, path in modules().items()
        if is_in(module, package)
        for imported in imports(path.read_text(encoding="utf-8"))
        if owner(imported) not in {None, package, *ALLOWED[package]}
    ]


def package_graph() -> dict[str, set[str]]:
    """Each package of functions/ → the packages that its modules import. A package is named by its folder.

    A package's own modules are one node apart from its subpackages: `mlops.serving` is the files of that folder alone.
    """
    found = modules()
    folders = {name: name if path.name == "__init__.py" else name.rpartition(".")[0] for name, path in found.items()}
    graph: dict[str, set[str]] = {folder: set() for folder in folders.values()}
    for name, path in found.items():
        reached = {folders[each] for each in imports(path.read_text(encoding="utf-8")) if each in found}
        graph[folders[name]] |= {each for each in reached if not is_in(folders[name], each) and each != folders[name]}
    return graph


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_inward(package: str) -> None:
    assert any(is_in(module, package) for module in modules())
    assert offences(package) == []


def test_every_module_belongs_to_a_package_with_a_rule() -> None:
    roots = {"mlops"}
    assert [module for module in modules() if owner(module) is None and module not in roots] == []


def test_the_rules_themselves_have_no_circle() -> None:
    assert [*TopologicalSorter(ALLOWED).static_order()]


def test_no_packages_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(package_graph()).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_an_import_that_points_outward_is_seen_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import os\ndef late() -> None:\n    from mlops import training\n    import mlops.serving.app\n"
    found = list(imports(source))
    assert any(is_in(name, "mlops.training") for name in found)
    assert any(is_in(name, "mlops.serving") for name in found)
    monkeypatch.setitem(ALLOWED, "mlops.training", set())
    assert offences("mlops.training")
