"""A release has the files of its commit, whatever the checkout becomes."""

import re

import pytest

from delivery.errors import DeliveryFailed
from delivery.release import make_release, resolve_commit, uncommitted
from delivery.stages import read_stage
from tests.unit.delivery.conftest import Repository


def test_a_release_is_the_commit_not_the_checkout(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    second = repository.commit({"functions/models/churn.py": "spec = 2\n"})
    (repository.root / "functions/models/churn.py").write_text("spec = 3\n")
    specs = {
        commit: (make_release(repository.root, commit).folder / "functions/models/churn.py").read_text()
        for commit in (first, second)
    }
    assert specs == {first: "spec = 1\n", second: "spec = 2\n"}
    assert uncommitted(repository.root) == ["functions/models/churn.py"]


def test_a_release_is_extracted_once_and_a_revision_names_its_commit(repository: Repository) -> None:
    release = make_release(repository.root, "HEAD")
    (release.folder / "mark").touch()
    again = make_release(repository.root, "main")
    assert again == release
    assert (again.folder / "mark").exists()
    assert re.fullmatch("[0-9a-f]{40}", release.commit)
    assert [path.name for path in release.folder.parent.iterdir()] == [release.commit]


@pytest.mark.parametrize("revision", ["nowhere", "f" * 40, "--help"])
def test_a_commit_that_the_clone_lacks_is_refused_with_the_remedy(repository: Repository, revision: str) -> None:
    with pytest.raises(DeliveryFailed, match="git fetch --unshallow"):
        resolve_commit(repository.root, revision)


def test_a_stage_has_its_stack_and_parameters(repository: Repository) -> None:
    stage = read_stage(repository.root, "dev")
    assert (stage.stack, stage.parameters) == ("mlops-dev", {"LogLevel": "DEBUG", "LogRetentionDays": "14"})


@pytest.mark.parametrize("name", ["local", "default", "version", "staging"])
def test_a_stage_that_is_not_there_is_refused_with_those_that_are(repository: Repository, name: str) -> None:
    with pytest.raises(DeliveryFailed, match=f"no stage '{name}'; there are: dev, prod"):
        read_stage(repository.root, name)
