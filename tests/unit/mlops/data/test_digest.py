"""A digest changes with what makes a version, and with nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops.data.digest import NOT_IN_A_VERSION, PARTS, digest_code, digest_content, library_files, training_key

FUNCTIONS = Path(__file__).parents[4] / "functions"
FILES = {
    "mlops/spec/model.py": "spec",
    "mlops/telemetry.py": "log",
    "mlops/intake/report.py": "report",
    "mlops/data/inference/draft.py": "draft",
    "mlops/training/gate.py": "fit",
    "mlops/training/card.html.jinja": "show",
    "mlops/serving/app.py": "serve",
    "models/leaves.py": "leaves",
    "models/roots.py": "roots",
    "train.py": "handler",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["mlops/spec/model.py", "mlops/training/gate.py", "mlops/training/card.html.jinja", "models/leaves.py"]
)
def test_an_edit_of_library_template_or_spec_changes_the_codes_digest(root: Path, name: str) -> None:
    before = digest_code(root, "leaves")
    (root / name).write_text("edited")
    assert digest_code(root, "leaves") != before


@pytest.mark.parametrize(
    "name",
    [
        "mlops/serving/app.py",
        "mlops/serving/new.py",
        "mlops/telemetry.py",
        "mlops/intake/report.py",
        "mlops/data/inference/draft.py",
        "mlops/training/__pycache__/gate.cpython-313.pyc",
        "models/roots.py",
        "train.py",
    ],
)
def test_an_edit_that_makes_no_other_version_does_not(root: Path, name: str) -> None:
    before = digest_code(root, "leaves")
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("edited")
    assert digest_code(root, "leaves") == before


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)


def reached_from(*modules: str) -> set[Path]:
    """The files of functions/ that modules import, directly or not, and their packages' `__init__.py`."""
    files = {
        path.relative_to(FUNCTIONS).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
        for path in FUNCTIONS.rglob("*.py")
    }
    found: set[str] = set()
    waiting = [*modules]
    while waiting:
        module = waiting.pop()
        if module in files and module not in found:
            found.add(module)
            waiting += [module.rpartition(".")[0], *imports(files[module].read_text(encoding="utf-8"))]
    return {files[module] for module in found}


def test_the_codes_digest_covers_what_training_and_specs_import_and_no_other_module() -> None:
    library = FUNCTIONS / "mlops"
    specs = [f"mlops.spec.{path.stem}" for path in (library / "spec").glob("*.py")]
    reached = reached_from("mlops.training.flow", "mlops.recommend.flow", *specs)
    # The loader is read as a file, and copied into each version.
    loader = reached_from("mlops.training.artifacts.pyfunc.mlops_model")
    assert {path for path in library_files(library) if path.suffix == ".py"} == reached | loader


def test_all_that_the_codes_digest_names_exists() -> None:
    assert [name for name in (*PARTS, *NOT_IN_A_VERSION) if not (FUNCTIONS / "mlops" / name).exists()] == []


def test_a_file_that_moves_changes_the_codes_digest(root: Path) -> None:
    before = digest_code(root, "leaves")
    (root / "mlops/training/gate.py").rename(root / "mlops/spec/gate.py")
    assert digest_code(root, "leaves") != before


def test_the_folder_that_holds_the_code_does_not_matter(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    moved = tmp_path_factory.mktemp("elsewhere") / "code"
    before = digest_code(root, "leaves")
    root.rename(moved)
    assert digest_code(moved, "leaves") == before


def test_a_dataset_is_known_by_its_bytes() -> None:
    # The digest of "abc" in FIPS 180-2, appendix B.1
    assert digest_content(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_trainings_that_differ_in_anything_have_other_keys() -> None:
    keys = {training_key(*parts) for parts in [("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"), ("a", "b", "x")]}
    assert len(keys) == 4
    assert training_key("a", "b", "c") in keys
