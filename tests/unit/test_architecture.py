"""Imports point inward: entry point, flow, registry, artifact and spec, contract and errors; and in no circle."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"

_BASE = {
    "mlops.contract",
    "mlops.errors",
    "mlops.events",
    "mlops.interactions",
    "mlops.privacy",
    "mlops.settings",
    "mlops.telemetry",
}
_REFERENCES = {
    "mlops.monitoring.answers",
    "mlops.monitoring.drift",
}
# package or module: all of this project that it may import besides itself
ALLOWED: dict[str, set[str]] = {
    "mlops.contract": set(),
    "mlops.errors": set(),
    "mlops.events": {"mlops.errors"},
    "mlops.insights": {"mlops.errors"},
    "mlops.telemetry": set(),
    "mlops.interactions": {"mlops.contract"},
    "mlops.authorization": {"mlops.errors"},
    "mlops.json_service": {"mlops.errors"},
    "mlops.dynamodb": {"mlops.errors", "mlops.json_service"},
    "mlops.privacy_key": {"mlops.errors", "mlops.json_service"},
    "mlops.pages": set(),
    "mlops.settings": {"mlops.errors"},
    "mlops.privacy": {"mlops.contract", "mlops.errors"},
    "mlops.artifact": {"mlops.contract", "mlops.errors", "mlops.interactions"},
    "mlops.spec": {"mlops.artifact", "mlops.contract", "mlops.errors", "mlops.interactions"},
    "mlops.registry": {"mlops.artifact", "mlops.contract", "mlops.errors", "mlops.interactions"},
    "mlops.records": {"mlops.artifact", "mlops.contract", "mlops.errors", "mlops.privacy"},
    "mlops.tracking": {"mlops.registry", "mlops.artifact", "mlops.contract", "mlops.errors"},
    "mlops.evaluation": {
        "mlops.registry",
        "mlops.spec",
        "mlops.artifact",
        "mlops.contract",
        "mlops.errors",
        "mlops.privacy",
    },
    "mlops.data": {"mlops.spec", "mlops.artifact", "mlops.contract", "mlops.errors", "mlops.privacy"},
    "mlops.serving": {
        "mlops.authorization",
        "mlops.dynamodb",
        "mlops.privacy_key",
        "mlops.registry",
        "mlops.records",
        "mlops.artifact",
        *_BASE,
    },
    # Where the objects of batches lie; who looks at batches needs to know it too.
    "mlops.batch.layout": {"mlops.records"},
    # One more door to the same models: the rows of files, by the serving code's checks and scorer.
    "mlops.batch": {
        "mlops.batch.layout",
        "mlops.data",
        "mlops.serving",
        "mlops.registry",
        "mlops.records",
        "mlops.artifact",
        *_BASE,
    },
    "mlops.ingestion": {"mlops.registry", "mlops.records", "mlops.artifact", *_BASE},
    # What training writes for monitoring is made by what reads it there.
    "mlops.monitoring.drift": {"mlops.artifact", "mlops.contract"},
    "mlops.monitoring.answers": {"mlops.evaluation", "mlops.contract"},
    "mlops.monitoring": {
        *_REFERENCES,
        "mlops.evaluation",
        "mlops.pages",
        "mlops.records",
        "mlops.registry",
        "mlops.spec",
        "mlops.tracking",
        "mlops.artifact",
        *_BASE,
    },
    # What runs or failed in all of them, as their objects, queues and executions have it.
    "mlops.operations": {"mlops.batch.layout", "mlops.registry", "mlops.artifact", *_BASE},
    # It shows what the others wrote, by the code that describes it.
    "mlops.console": {
        *_REFERENCES,
        "mlops.authorization",
        "mlops.insights",
        "mlops.monitoring",
        "mlops.operations",
        "mlops.pages",
        "mlops.records",
        "mlops.registry",
        "mlops.artifact",
        *_BASE,
    },
    # What any kind of training shares; it's given what trains.
    "mlops.intake": {"mlops.data", "mlops.registry", "mlops.spec", "mlops.artifact", *_BASE},
    "mlops.training": {
        *_REFERENCES,
        "mlops.data",
        "mlops.evaluation",
        "mlops.intake",
        "mlops.pages",
        "mlops.registry",
        "mlops.tracking",
        "mlops.artifact",
        "mlops.spec",
        *_BASE,
    },
    "mlops.recommend": {
        "mlops.data",
        "mlops.evaluation",
        "mlops.intake",
        "mlops.pages",
        "mlops.registry",
        "mlops.tracking",
        "mlops.artifact",
        "mlops.spec",
        *_BASE,
    },
    "models": {"mlops.spec", "mlops.contract", "mlops.interactions"},
    "console": {"mlops.console"},
    "app": {"mlops.serving"},
    "authorize": {"mlops.authorization", "mlops.dynamodb", "mlops.errors", "mlops.json_service"},
    "api": {"app", "mlops.serving"},
    "serve": {"app", "mlops.serving", "mlops.settings", "mlops.telemetry"},
    "monitor": {"mlops.monitoring", "mlops.privacy_key", *_BASE},
    "compare": {"mlops.training", "mlops.registry", "mlops.artifact", *_BASE},
    "mlops.release": {"mlops.authorization", "mlops.evaluation"},
    "release": {"mlops.release", *_BASE},
    "batch": {"mlops.batch", "mlops.privacy_key", "mlops.serving", "mlops.registry", *_BASE},
    "ingest": {"mlops.ingestion", "mlops.privacy_key", "mlops.registry", *_BASE},
    # It hands the serving code to what trains, which must not import it.
    "trainers": {
        "mlops.intake",
        "mlops.training",
        "mlops.recommend",
        "mlops.spec",
        "mlops.serving",
        "mlops.data",
        "mlops.registry",
        "mlops.tracking",
        *_BASE,
    },
    "train": {"mlops.privacy_key", "trainers", "mlops.intake", *_BASE},
    "train_task": {"mlops.privacy_key", "trainers", "mlops.intake", *_BASE},
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


def reached(start: str) -> set[str]:
    """All modules of functions/ that `start` imports, at once or later, itself or through others."""
    found = modules()
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in found:
            continue
        seen.add(name)
        waiting += [name.rpartition(".")[0], *imports(found[name].read_text(encoding="utf-8"))]
    return seen


def siblings(folder: str, graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The files and folders directly in a folder → those of them that they import, a folder being all that is in it.

    `graph` is module → the modules that it imports. A package's `__init__` belongs to the folder around it.
    """
    prefix = f"{folder}." if folder else ""

    def child(module: str) -> str | None:
        rest = module.removeprefix(prefix)
        return prefix + rest.partition(".")[0] if module.startswith(prefix) and rest else None

    found: dict[str, set[str]] = {}
    for module, imported in graph.items():
        own = child(module)
        if own is not None:
            found.setdefault(own, set()).update({child(each) for each in imported} - {None, own})  # type: ignore[arg-type]
    return found


def module_graph() -> dict[str, set[str]]:
    """Each module of functions/ → the modules of functions/ that it imports."""
    found = modules()
    return {
        name: {each for each in imports(path.read_text(encoding="utf-8")) if each in found}
        for name, path in found.items()
    }


def find_circle(graph: dict[str, set[str]]) -> str | None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " → ".join(error.args[1])
    return None


FOLDERS = sorted({name.rpartition(".")[0] for name in modules()})


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_inward(package: str) -> None:
    assert any(is_in(module, package) for module in modules())
    assert offences(package) == []


def test_every_module_belongs_to_a_package_with_a_rule() -> None:
    roots = {"mlops"}
    assert [module for module in modules() if owner(module) is None and module not in roots] == []


def test_the_rules_themselves_have_no_circle() -> None:
    assert [*TopologicalSorter(ALLOWED).static_order()]


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_lies_in_a_folder_is_imported_in_no_circle(folder: str) -> None:
    assert find_circle(siblings(folder, module_graph())) is None


def test_a_circle_is_found_between_packages_files_and_a_package_with_its_own_folder() -> None:
    between_packages = {"a.x": {"b.y"}, "a.z": set(), "b.y": set(), "b.w": {"a.z"}}
    assert find_circle(siblings("", between_packages))
    between_files = {"a.x": {"a.y"}, "a.y": {"a.x"}}
    assert find_circle(siblings("a", between_files))
    between_file_and_folder = {"a.x": {"a.b.y"}, "a.b.y": {"a.b.z"}, "a.b.z": {"a.x"}}
    assert find_circle(siblings("a", between_file_and_folder))
    one_way = {"a.x": {"a.b.y"}, "a.b.y": {"a.z"}, "a.z": set()}
    assert find_circle(siblings("a", one_way)) is None


def test_an_import_that_points_outward_is_seen_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import os\ndef late() -> None:\n    from mlops import training\n    import mlops.serving.app\n"
    found = list(imports(source))
    assert any(is_in(name, "mlops.training") for name in found)
    assert any(is_in(name, "mlops.serving") for name in found)
    monkeypatch.setitem(ALLOWED, "mlops.training", set())
    assert offences("mlops.training")
