"""Releases on a stage of local AWS, broken ones taken back; and models that are trained since git says they changed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples import write_diagnosis
from localaws_testing.ports import free_port
from tests.loops import ROOT
from tests.stages import clone_checkout, empty_aws, environ_of, git

IMPOSSIBLE = '\nspec = dataclasses.replace(spec, floors={"accuracy": 1.0})\n'


@pytest.fixture
def stage_aws(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a local AWS with nothing deployed."""
    with empty_aws(tmp_path) as aws:
        yield aws


def commit_of(folder: Path, more: str) -> str:
    """A commit after HEAD whose application has `more` at its end; no branch has it."""
    index = folder / "index"
    git(ROOT, "read-tree", "HEAD", index=index)
    app = (ROOT / "functions/app.py").read_text(encoding="utf-8")
    blob = git(ROOT, "hash-object", "-w", "--stdin", text=f"{app}\n{more}\n")
    git(ROOT, "update-index", "--cacheinfo", f"100644,{blob},functions/app.py", index=index)
    return git(ROOT, "commit-tree", git(ROOT, "write-tree", index=index), "-p", "HEAD", "-m", "Change the API")


@pytest.mark.timeout(1800)
def test_a_release_keeps_the_contract_on_its_stage_and_a_broken_one_is_taken_back(
    stage_aws: dict[str, str], tmp_path: Path
) -> None:
    def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "scripts" / script), *words]
        return subprocess.run(command, env=environ_of(stage_aws), capture_output=True, text=True, check=False)

    good = git(ROOT, "rev-parse", "HEAD")
    bad = commit_of(tmp_path, "raise RuntimeError('a broken build')")
    other = commit_of(tmp_path, "# another build")
    try:
        for script, *words in (
            ["build"],
            ["deploy", "dev"],
            ["smoke", "dev", "--read-only"],  # before there is a model
            ["smoke", "dev"],
        ):
            done = run(script, *words)
            assert done.returncode == 0, done.stdout + done.stderr
        refused = run("deploy", "dev", "--commit", bad)
        assert (refused.returncode, "HOOK_EXECUTION_FAILURE" in refused.stdout + refused.stderr) == (1, True)
        assert "nothing to roll back" in run("rollback", "dev", "--instead-of", bad).stdout
        healed = run("smoke", "dev", "--read-only")
        assert (healed.returncode, "4 passed" in healed.stdout) == (0, True), healed.stdout + healed.stderr
        deployed = run("deploy", "dev", "--commit", other)
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        assert "nothing to roll back" in run("rollback", "dev", "--instead-of", "HEAD").stdout
        back = run("rollback", "dev", "--instead-of", other)
        assert (back.returncode, f"rolled dev back to {good}" in back.stdout) == (0, True), back.stdout + back.stderr
        healed = run("smoke", "dev", "--read-only")
        assert (healed.returncode, "4 passed" in healed.stdout) == (0, True), healed.stdout + healed.stderr
    finally:
        for commit in (good, bad, other):
            shutil.rmtree(ROOT / ".localaws" / "releases" / commit, ignore_errors=True)


@pytest.mark.timeout(1800)
def test_specs_that_changed_in_git_are_trained_and_their_cards_and_gates_reported(tmp_path: Path) -> None:
    clone = clone_checkout(tmp_path)
    spec = (clone / "functions/models/diagnosis.py").read_text(encoding="utf-8")
    (clone / "functions/models/diagnosis.py").write_text(f"import dataclasses\n{spec}{IMPOSSIBLE}", encoding="utf-8")
    second = spec.replace('name="diagnosis"', 'name="biopsies"', 1)
    (clone / "functions/models/biopsies.py").write_text(second, encoding="utf-8")
    datasets = clone / "datasets/biopsies"
    datasets.mkdir(parents=True)
    write_diagnosis(tmp_path).rename(datasets / "2026-11.csv")
    git(clone, "add", "functions", "datasets")
    git(clone, "commit", "--quiet", "--message", "Change two models")
    report = tmp_path / "trained"
    ports = ["--port", str(free_port()), "--http-port", str(free_port())]
    done = subprocess.run(
        [sys.executable, "-m", "delivery", "train-changed", "HEAD^", "--report", str(report), *ports],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(clone / "scripts"), str(clone / "functions")])},
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    summary = (report / "summary.md").read_text(encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "## biopsies: promoted" in summary
    assert "## diagnosis: refused" in summary
    assert "**failed**" in summary
    assert {path.relative_to(report).as_posix() for path in report.rglob("*.*")} == {
        "summary.md",
        *(f"{model}/{name}" for model in ("biopsies", "diagnosis") for name in ("card.html", "report.json")),
    }
    assert "accuracy" in (report / "diagnosis/card.html").read_text(encoding="utf-8")
