"""Versions compared, their datasets too, and made again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Loop
from tests.e2e.test_steering import models
from tests.e2e.test_switch import without_rows


@pytest.fixture(scope="module")
def versions(loop: Loop, dataset: bytes) -> tuple[str, str]:
    """The version of the whole dataset, and one of a part of it."""
    whole = loop.put("comparing-whole.csv", dataset)["version"]
    part = loop.put("comparing-part.csv", without_rows(dataset, slice(100, 130)))["version"]
    return str(whole), str(part)


def test_versions_are_compared_on_rows_that_neither_was_trained_on(loop: Loop, versions: tuple[str, str]) -> None:
    found = models("compare", "diagnosis", *versions)
    assert found["versions"] == [int(version) for version in versions]
    assert 100 < found["rows"] < 160
    accuracy = found["metrics"]["accuracy"]
    for which in ("first", "second"):
        assert accuracy[which]["interval"]["low"] <= accuracy[which]["value"] <= accuracy[which]["interval"]["high"]
    gain = accuracy["second"]["value"] - accuracy["first"]["value"]
    assert accuracy["difference"]["difference"] == pytest.approx(gain)
    assert found["gained"] - found["lost"] == pytest.approx(gain * found["rows"])


def test_the_datasets_of_versions_are_compared(loop: Loop, versions: tuple[str, str]) -> None:
    found = models("diff-data", "diagnosis", *versions)
    assert (found["rows"], found["kept"], found["removed"], found["added"]) == ([569, 539], 539, 30, 0)
    assert len(found["shifts"]) == 31


def test_a_version_trained_again_is_byte_identical(loop: Loop, versions: tuple[str, str]) -> None:
    found = models("reproduce", "diagnosis", versions[1])
    assert found["identical"]
    assert all(found["files"].values())
    assert found["metrics"]["recorded"] == found["metrics"]["reproduced"]
    assert found["other_libraries"] == {}


def test_code_that_changed_since_is_taken_from_its_commit(
    loop: Loop, versions: tuple[str, str], tmp_path: Path
) -> None:
    git = ["git", "-C", str(ROOT)]
    if subprocess.run([*git, "status", "--porcelain", "functions", "scripts"], capture_output=True, check=True).stdout:
        pytest.skip("the version's code was never committed: functions/ or scripts/ have changes")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    spec = clone / "functions/models/diagnosis.py"
    spec.write_text(spec.read_text(encoding="utf-8").replace("seed=0", "seed=1") + "\n# changed since\n", "utf-8")
    # As scripts/mlops starts it: without this shell's choice of arithmetic kernels, which functions don't see.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    done = subprocess.run(
        [sys.executable, "-m", "cli", "models", "reproduce", "diagnosis", versions[1]],
        env={**environ, "PYTHONPATH": f"{clone / 'scripts'}{os.pathsep}{clone / 'functions'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "byte-identical" in done.stdout
