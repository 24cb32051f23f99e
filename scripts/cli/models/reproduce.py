"""`mlops models reproduce`: train a version again from what is recorded of it, and compare."""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.datasets import fetch, spec_of
from cli.errors import CommandError
from cli.registry import ModelArgument, VersionArgument, open_model
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from mlops.data.digest import digest_code
from mlops.registry.manifest import Manifest
from mlops.registry.mirror import NoMirror
from mlops.registry.store import open_store
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from mlops.training.flow import Trainer, Upload
from mlops.training.package import GOLDEN_ROWS

FUNCTIONS = Path(__file__).parents[3] / "functions"
MODEL = "model.onnx"
# What a training writes from its data, code and seed alone; other files tell the time of the training too.
REPEATABLE = (MODEL, "estimator.skops", "golden.json", "profile.json", "contract.json", "MLmodel", "training_rows.npy")


def reproduce(
    model: ModelArgument,
    version: VersionArgument,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Train a version again from its recorded data, code and seed; exits 1 if the compiled model isn't byte-identical.

    Nothing is written to the registry. Code that has changed since is taken from its git commit.
    """
    target = Stack(stack)
    manifest = open_model(target, model).find(version)
    if digest_code(FUNCTIONS, model) == manifest.code.sha256:
        found = _train_again(manifest, spec_of(manifest), fetch(target, manifest))
    else:
        found = _ask_the_commit(manifest, stack)
    if as_json:
        console.print_json(json.dumps(found))
    else:
        _tell(found)
    if not found["identical"]:
        raise SystemExit(1)


def _train_again(manifest: Manifest, spec: ModelSpec, content: bytes) -> dict[str, Any]:
    """Train in a registry of its own, in memory."""
    dataset = manifest.dataset
    with progress_console.status("training again …") as status:
        trainer = Trainer(
            store=open_store("memory://"),
            mirror=NoMirror(),
            serve=partial(Scorer.load, max_rows=GOLDEN_ROWS),
            now=lambda: datetime.now(UTC),
            progress=lambda step: status.update(f"training again: {step} …"),
            # However long it takes here: only time could change what is found.
            earlier=manifest.search,
        )
        upload = Upload(uri=dataset.uri, s3_version=dataset.s3_version, content=content)
        again = trainer.train(upload, spec, manifest.code).manifest
    files = {name: again.files[name] == manifest.files[name] for name in REPEATABLE if name in manifest.files}
    return {
        "model": manifest.model,
        "version": manifest.version,
        "identical": files[MODEL],
        "files": files,
        "sha256": {"recorded": manifest.files[MODEL].sha256, "reproduced": again.files[MODEL].sha256},
        "metrics": {"recorded": manifest.metrics["test"], "reproduced": again.metrics["test"]},
        "code": manifest.code.model_dump(),
        "other_libraries": _other_libraries(manifest),
    }


def _other_libraries(manifest: Manifest) -> dict[str, dict[str, str]]:
    """The libraries that have another version here than where the version was trained."""
    here = {name: library_version(name) for name in manifest.libraries if name != "python"}
    here["python"] = ".".join(map(str, sys.version_info[:3]))
    recorded = manifest.libraries
    return {name: {"recorded": recorded[name], "here": here[name]} for name in recorded if recorded[name] != here[name]}


def _ask_the_commit(manifest: Manifest, stack: str) -> dict[str, Any]:
    """Run this very command with the code of the commit that trained the version."""
    commit = manifest.code.commit
    with tempfile.TemporaryDirectory(prefix="mlops-reproduce-") as folder:
        root = Path(folder)
        _check_out(commit, root, manifest)
        if digest_code(root / "functions", manifest.model) != manifest.code.sha256:
            raise CommandError(
                f"Commit {commit[:12]} doesn't hold the code that trained version {manifest.version}: there were "
                "changes that nobody committed. Put them back, and run this again."
            )
        words = ["models", "reproduce", manifest.model, str(manifest.version), "--stack", stack, "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            env={**os.environ, "PYTHONPATH": f"{root / 'scripts'}{os.pathsep}{root / 'functions'}"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise CommandError(f"The code of commit {commit[:12]} couldn't train the version again.") from None
    return found


def _check_out(commit: str, root: Path, manifest: Manifest) -> None:
    done = subprocess.run(
        ["git", "-C", str(FUNCTIONS.parent), "archive", commit, "functions", "scripts"],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(
            f"The code has changed since version {manifest.version} was trained, and git doesn't know its commit "
            f"{commit!r}. Fetch it, or run this in a checkout that has it."
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tree:
        tree.extractall(root, filter="data")


def _tell(found: dict[str, Any]) -> None:
    name = f"version {found['version']} of {found['model']}"
    if found["identical"]:
        console.print(f"[bold green]byte-identical[/]: {escape(name)}, trained again, is the same compiled model")
    else:
        console.print(f"[bold red]not the same[/]: {escape(name)}, trained again, is another compiled model")
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("file", no_wrap=True)
    table.add_column("")
    for file, same in found["files"].items():
        table.add_row(file, Text("the same", style="green") if same else Text("differs", style="bold red"))
    console.print(table)
    for library, versions in found["other_libraries"].items():
        console.print(f"{escape(library)} is {versions['here']} here, and was {versions['recorded']}")
