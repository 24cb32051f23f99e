"""`mlops models reproduce`: train a version again from its recorded data, code and seed, and compare."""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.text import Text

from cli.errors import CommandError
from cli.models.registered_model import ModelArgument, VersionArgument, open_model
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from cli.table import Table
from mlops.data.digest import digest_code
from mlops.registry.manifest.manifest import Manifest

FUNCTIONS = Path(__file__).parents[3] / "functions"


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
    manifest = open_model(target, model).find_table(version)
    if digest_code(FUNCTIONS, model) == manifest.code.sha256:
        found = _train_here(manifest, target)
    else:
        found = _train_at_commit(manifest, stack)
    if as_json:
        console.print_json(json.dumps(found))
    else:
        _print(found)
    if not found["identical"]:
        raise SystemExit(1)


def _train_here(manifest: Manifest, target: Stack) -> dict[str, Any]:
    """Train with the code of this checkout."""
    # Slow to import: the other commands don't need it. It's done here since training and serving don't know each other.
    from mlops.serving.scorer import Scorer
    from mlops.training.artifacts.package import GOLDEN_ROWS
    from mlops.training.provenance import fetch_dataset, recorded_spec
    from mlops.training.reproduction import reproduce as train_again

    spec, content = recorded_spec(manifest), fetch_dataset(target.s3, manifest)
    with progress_console.status("training again …") as status:
        found = train_again(
            manifest,
            spec,
            content,
            load_for_serving=partial(Scorer.load, max_rows=GOLDEN_ROWS),
            progress=lambda step: status.update(f"training again: {step} …"),
        )
    return {**asdict(found), "code": found.code.model_dump()}


def _train_at_commit(manifest: Manifest, stack: str) -> dict[str, Any]:
    """Run this command with the code of the commit that trained the version."""
    commit = manifest.code.commit
    with tempfile.TemporaryDirectory(prefix="mlops-reproduce-") as folder:
        root = Path(folder)
        _check_out(commit, root, manifest)
        if digest_code(root / "functions", manifest.model) != manifest.code.sha256:
            raise CommandError(
                f"Commit {commit[:12]} isn't the code that trained version {manifest.version}: it was trained with "
                "uncommitted changes. Restore them, and run this again."
            )
        arguments = ["models", "reproduce", manifest.model, str(manifest.version), "--stack", stack, "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
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
            f"The code has changed since version {manifest.version} was trained, and its commit {commit!r} isn't in "
            "this git repository. Fetch it, or run this in a checkout that has it."
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tree:
        tree.extractall(root, filter="data")


def _print(found: dict[str, Any]) -> None:
    name = f"version {found['version']} of {found['model']}"
    if found["identical"]:
        console.print(f"[bold green]byte-identical[/]: {escape(name)}, trained again, has the same compiled model")
    else:
        console.print(f"[bold red]different[/]: {escape(name)}, trained again, has another compiled model")
    table = Table()
    table.add_column("file", no_wrap=True)
    table.add_column("")
    for file, same in found["files"].items():
        table.add_row(file, Text("identical", style="green") if same else Text("differs", style="bold red"))
    console.print(table)
    for library, versions in found["other_libraries"].items():
        console.print(f"{escape(library)} is {versions['here']} here, and was {versions['recorded']}")
