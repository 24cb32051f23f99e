"""`mlops models reproduce`: train a version again from what is recorded of it, and compare."""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.errors import CommandError
from cli.registry import ModelArgument, VersionArgument, open_model
from cli.stack import JsonOption, Stack, StackOption, console
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
    manifest = open_model(target, model).find(version)
    if digest_code(FUNCTIONS, model) == manifest.code.sha256:
        # What trains takes seconds to import: no other command shall wait for it.
        from cli.datasets import fetch, spec_of
        from cli.models.again import train_again

        found = train_again(manifest, spec_of(manifest), fetch(target, manifest))
    else:
        found = _ask_the_commit(manifest, stack)
    if as_json:
        console.print_json(json.dumps(found))
    else:
        _tell(found)
    if not found["identical"]:
        raise SystemExit(1)


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
