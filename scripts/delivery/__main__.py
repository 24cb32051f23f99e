"""The commands of deliveries, such as `scripts/build` and `scripts/deploy`: their options, exit status and errors."""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import boto3
import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from cli.console import Console
from cli.errors import CommandError
from cli.localaws import endpoint_of
from cli.stack import Stack, console, progress_console
from delivery import base_image, deployment
from delivery.canary import Canaries
from delivery.changes import find_base, find_changes
from delivery.errors import DeliveryFailed
from delivery.history import ReleaseHistory, name_run
from delivery.identity import token_file
from delivery.release import make_release, resolve_commit, uncommitted
from delivery.smoke import smoke as run_smoke
from delivery.stages import Stage, read_stage
from delivery.trained import exit_status, write_files
from localaws.errors import LocalAwsError
from loop.errors import LoopFailed
from loop.screen import Screen

ROOT = Path(__file__).parents[2]
StageArgument = Annotated[str, typer.Argument(help="A stage of samconfig.toml: dev or prod.")]
CommitOption = Annotated[str, typer.Option("--commit", help="The commit to take, any revision that git knows.")]


def build(commit: CommitOption = "HEAD") -> None:
    """Build a commit's release: with AWS_ENDPOINT_URL for local AWS, else for AWS by `sam build` (needs Docker)."""
    _warn_of_changes(commit)
    release = make_release(ROOT, commit)
    deployment.build(release, endpoint_of(os.environ))
    console.print(f"built {release.commit} in {release.folder.relative_to(ROOT)}")


def deploy(stage: StageArgument, commit: CommitOption = "HEAD") -> None:
    """Deploy a commit to a stage: to the local AWS that AWS_ENDPOINT_URL names, else to AWS by your settings."""
    place = read_stage(ROOT, stage)
    _warn_of_changes(commit)
    release = make_release(ROOT, commit)
    canaries = _canaries(place)
    before = canaries.latest()
    deployment.deploy(release, place, _history(place))
    latest = canaries.latest()
    summary = canaries.summary(latest) if latest and latest != before else None
    if summary:
        console.print(summary, markup=False)
    console.print(f"deployed {release.commit} to {stage}: {Stack(place.stack).outputs['ApiUrl']}")


def smoke(
    stage: StageArgument,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Only tests that read: no dataset and no prediction reaches the stage.")
    ] = False,
) -> None:
    """Run the contract tests on a deployed stage. The first time it gets the example dataset."""
    place = read_stage(ROOT, stage)
    run_smoke(ROOT, Stack(place.stack), read_only=read_only)
    _history(place).confirm()


def rollback(
    stage: StageArgument,
    instead_of: Annotated[
        str | None,
        typer.Option("--instead-of", help="Only if this run brought this commit, and its smoke test hasn't passed."),
    ] = None,
) -> None:
    """Deploy the release that the stage had before, at once. A failed deployment has been rolled back already."""
    place = read_stage(ROOT, stage)
    refused = resolve_commit(ROOT, instead_of) if instead_of else None
    history = _history(place)
    release = deployment.roll_back(ROOT, place, history, refused)
    if release is None:
        assert refused
        console.print(f"nothing to roll back on {stage}: {history.reason_to_keep(refused)}", markup=False)
    else:
        console.print(f"rolled {stage} back to {release.commit}")


def train_changed(
    base: Annotated[
        str | None,
        typer.Argument(help="The commit to compare with; where HEAD left origin/main by default, or HEAD's parent."),
    ] = None,
    report: Annotated[Path, typer.Option("--report", help="The folder for cards, reports and summary.md.")] = ROOT
    / ".localaws"
    / "trained",
    port: Annotated[int, typer.Option(help="Port of the AWS endpoint that is started.")] = 4566,
    http_port: Annotated[int, typer.Option(help="Port of its API.")] = 3000,
) -> None:
    """Train each model whose spec or dataset changed in git on local AWS; write its card, report and gates.

    Exits with 0 if each passed, 1 if a dataset or a version was refused, 2 if a model couldn't be trained.
    """
    # Slow to import: the other commands don't need it.
    from delivery.train_changed import train_all

    # A pipeline that is cancelled stops the local AWS too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    changed = find_changes(ROOT, base or find_base(ROOT))
    shutil.rmtree(report, ignore_errors=True)
    screen = Screen(Console(highlight=False, soft_wrap=True))
    trained = train_all(ROOT, changed, screen, port=port, http_port=http_port) if changed else []
    summary = write_files(trained, report)
    console.print(f"\n{summary.read_text(encoding='utf-8')}\nwritten to {report}", markup=False)
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(summary.read_text(encoding="utf-8"))
    sys.exit(exit_status(trained))


def pin_base_image() -> None:
    """Pin the base image of the training image by the digest that AWS's registry has for its tag now."""
    with httpx.Client(timeout=30, follow_redirects=True) as client:
        console.print(base_image.pin_base_image(ROOT / "layers/training/Dockerfile", client), markup=False)


def _canaries(stage: Stage) -> Canaries:
    return Canaries(boto3.client("cloudformation"), boto3.client("codedeploy"), boto3.client("cloudwatch"), stage.stack)


def _history(stage: Stage) -> ReleaseHistory:
    return ReleaseHistory(boto3.client("ssm"), stage.stack, name_run(os.environ))


def _warn_of_changes(commit: str) -> None:
    changed = uncommitted(ROOT) if commit == "HEAD" else []
    if changed:
        progress_console.print(f"note: not committed, so not deployed: {', '.join(changed)}", markup=False)


COMMANDS: dict[str, Callable[..., None]] = {
    "build": build,
    "deploy": deploy,
    "smoke": smoke,
    "rollback": rollback,
    "train-changed": train_changed,
    "pin-base-image": pin_base_image,
}


def main(name: str, *words: str) -> int:
    """Run a command; an expected error gives exit status 1 and one line on standard error."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(COMMANDS[name])
    try:
        with token_file(os.environ):
            app(words, prog_name=f"scripts/{name}")
    except (DeliveryFailed, CommandError, LoopFailed, LocalAwsError, ClientError, BotoCoreError) as error:
        progress_console.print(f"[bold red]error[/] {escape(str(error))}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
