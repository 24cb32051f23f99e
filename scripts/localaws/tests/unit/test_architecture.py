"""The packages of local AWS import each other in one direction: only from lower layers."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "localaws"

# From the bottom up: a package may import from the rows above its own, and from no other row.
LAYERS: tuple[tuple[str, ...], ...] = (
    # Used by all.
    ("errors", "identifiers", "generated_names", "clock", "vtl"),
    ("durations", "message_attributes", "moto_patches", "folders", "ports", "settings", "shape_constraints"),
    ("iam", "instances"),
    ("targets",),
    # The runtime of functions.
    ("builds",),
    ("runtime",),
    ("leftovers",),
    # The services that moto lacks or supports in part.
    ("metrics",),
    ("lambdas", "logs"),
    ("events", "firehose", "http"),
    (
        "codedeploy",
        "durable",
        "dynamodb",
        "ecs",
        "kms",
        "s3",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "stepfunctions",
        "streams",
    ),
    ("batch",),
    # Templates: parsing, validation, deployment, persistence.
    ("template",),
    ("rest",),
    ("resource_types",),
    ("cloudformation", "validation"),
    ("state",),
    # One local AWS.
    ("admin", "builders", "clients", "protocol_errors"),
    ("request_constraints",),
    ("deployment", "endpoint"),
    ("services",),
    ("operations", "persistence"),
    ("cloud",),
    # `sam local`.
    ("samlocal",),
    ("commands",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def part_of(module: str) -> str:
    """The package, or the module of the top level, that a module belongs to."""
    return module.split(".")[1]


def modules() -> dict[str, Path]:
    """Module name → file of all of local AWS but `localaws` itself."""
    files = {
        ".".join(("localaws", *path.relative_to(SOURCE).with_suffix("").parts)): path for path in SOURCE.rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in files.items() if name != "localaws.__init__"}


def imported(source: str) -> Iterator[str]:
    """The modules of local AWS that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("localaws."))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "localaws":
                yield from (f"localaws.{name.name}" for name in node.names)
            elif str(node.module).startswith("localaws."):
                yield str(node.module)


def graph() -> dict[str, set[str]]:
    """What each part imports of the others."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, path in modules().items():
        found[part_of(module)] |= {part_of(name) for name in imported(path.read_text(encoding="utf-8"))}
    return {part: others - {part} for part, others in found.items()}


def upward(parts: dict[str, set[str]]) -> list[str]:
    """The imports that don't lead to a lower layer."""
    return sorted(
        f"{part} imports {other}" for part, others in parts.items() for other in others if RANK[other] >= RANK[part]
    )


def test_every_part_has_its_layer() -> None:
    assert {part_of(module) for module in modules()} == RANK.keys()


def test_imports_lead_to_lower_layers_only() -> None:
    assert upward(graph()) == []


def test_there_is_no_cycle_of_packages() -> None:
    assert list(TopologicalSorter(graph()).static_order())


def test_imports_are_found_anywhere_in_a_module() -> None:
    source = "def late() -> None:\n    from localaws.cloud import LocalCloud\n    import localaws.http.cors\n"
    assert list(imported(source)) == ["localaws.cloud", "localaws.http.cors"]
    assert list(imported("from localaws import metrics")) == ["localaws.metrics"]


def test_an_upward_import_and_a_cycle_are_found() -> None:
    parts = graph()
    parts["lambdas"] = parts["lambdas"] | {"http"}
    assert upward(parts) == ["lambdas imports http"]
    with pytest.raises(CycleError):
        list(TopologicalSorter(parts).static_order())
