"""The models that changed in git, and the dataset of each."""

from pathlib import Path

import pytest

from delivery.changes import Changed, find_base, find_catalog, find_changes, find_dataset
from delivery.errors import DeliveryFailed
from tests.unit.delivery.conftest import Repository


def test_specs_and_datasets_that_changed_are_found_by_model(repository: Repository) -> None:
    base = repository.git("rev-parse", "HEAD")
    repository.commit(
        {
            "functions/models/churn.py": "spec = 2\n",
            "functions/models/credit_risk.py": "spec = 1\n",
            "functions/models/__init__.py": "# nothing\n",
            "functions/app.py": "app = 1\n",
            "datasets/churn/2026-11.csv": "a,b\n1,3\n",
            "datasets/churn/notes.md": "not a dataset\n",
            "datasets/price/big.parquet.dvc": "outs: []\n",
        }
    )
    assert find_changes(repository.root, base) == [
        Changed("churn", ("datasets/churn/2026-11.csv", "functions/models/churn.py")),
        Changed("credit-risk", ("functions/models/credit_risk.py",)),
        Changed("price", ("datasets/price/big.parquet.dvc",)),
    ]


def test_what_was_deleted_or_changed_on_the_other_side_is_no_change(repository: Repository) -> None:
    start = repository.git("rev-parse", "HEAD")
    other = repository.commit({"functions/models/other.py": "spec = 1\n"})
    repository.git("checkout", "--quiet", "-b", "work", start)
    repository.commit({"functions/models/churn.py": ""})
    assert find_changes(repository.root, other) == []


def test_the_base_is_the_parent_where_there_is_no_remote(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"mark": "2"})
    assert find_base(repository.root) == first


def test_the_base_is_where_the_branch_left_main_and_on_main_the_parent(repository: Repository, tmp_path: Path) -> None:
    first = repository.git("rev-parse", "HEAD")
    remote = tmp_path / "remote"
    repository.git("init", "--quiet", "--bare", "--initial-branch", "main", str(remote))
    repository.git("remote", "add", "origin", str(remote))
    repository.git("push", "--quiet", "origin", "main")
    # As a clone of one branch has it: what is on main must be fetched.
    repository.git("update-ref", "-d", "refs/remotes/origin/main")
    repository.git("checkout", "--quiet", "-b", "work")
    for number in (2, 3):
        repository.commit({"mark": str(number)})
    assert find_base(repository.root) == first
    repository.git("push", "--quiet", "origin", "work:main")
    assert find_base(repository.root) == repository.git("rev-parse", "HEAD^")


def test_a_main_branch_that_cannot_be_fetched_is_an_error(repository: Repository, tmp_path: Path) -> None:
    repository.git("remote", "add", "origin", str(tmp_path / "nowhere"))
    with pytest.raises(DeliveryFailed, match="git fetch --quiet origin main"):
        find_base(repository.root)


def test_the_dataset_is_the_changed_one_else_the_last_of_the_folder_else_the_example(
    repository: Repository, tmp_path: Path
) -> None:
    for name in ("2026-09.csv", "items.csv", "readme.md"):
        (repository.root / "datasets/churn" / name).write_text("a\n1\n")
    changed = Changed("churn", ("datasets/churn/2026-09.csv", "functions/models/churn.py"))
    assert find_dataset(repository.root, changed, tmp_path).name == "2026-09.csv"
    found = find_dataset(repository.root, Changed("churn", ("functions/models/churn.py",)), tmp_path)
    assert found.name == "2026-10.csv"
    assert find_catalog(found) == found.with_name("items.csv")
    example = find_dataset(repository.root, Changed("diagnosis", ("functions/models/diagnosis.py",)), tmp_path / "new")
    assert example.read_text().startswith("mean radius,")
    with pytest.raises(DeliveryFailed, match="put one in datasets/price/"):
        find_dataset(repository.root, Changed("price", ("functions/models/price.py",)), tmp_path)


def test_a_pointer_of_dvc_is_pulled(repository: Repository, tmp_path: Path) -> None:
    pointer = repository.root / "datasets/churn/2026-12.csv.dvc"
    pointer.write_text("outs: []\n")
    pulled: list[Path] = []
    found = find_dataset(
        repository.root, Changed("churn", ("datasets/churn/2026-12.csv.dvc",)), tmp_path, pulled.append
    )
    assert (pulled, found) == ([pointer], pointer.with_suffix(""))
