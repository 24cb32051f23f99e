"""A digest changes with what makes a version, and with nothing else."""

from pathlib import Path

import pytest

from mlops.data.digest import digest_code, digest_content, training_key

FILES = {
    "mlops/spec.py": "spec",
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
    "name", ["mlops/spec.py", "mlops/training/gate.py", "mlops/training/card.html.jinja", "models/leaves.py"]
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


def test_a_file_that_moves_changes_the_codes_digest(root: Path) -> None:
    before = digest_code(root, "leaves")
    (root / "mlops/training/gate.py").rename(root / "mlops/gate.py")
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
