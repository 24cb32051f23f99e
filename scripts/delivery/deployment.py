"""One release to one stage, on AWS by the SAM CLI or on local AWS by its own command."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cli.localaws import endpoint_of
from delivery.errors import DeliveryFailed
from delivery.history import ReleaseHistory
from delivery.release import Release, make_release
from delivery.stages import Stage

type Run = Callable[[Sequence[str], Path], None]


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command there, with its output on the screen. Raises DeliveryFailed."""
    status = subprocess.run(command, cwd=folder, check=False).returncode
    if status:
        raise DeliveryFailed(f"{' '.join(command[:2])} ended with status {status}; its output is above.")


def build(release: Release, endpoint: str, run: Run = run) -> None:
    """Build a release as its deployment needs it. Raises DeliveryFailed.

    For AWS `sam build` builds the layer, the functions and the training image. Local AWS builds what it deploys, from
    the same files, and keeps the builds; here it reads the template, so that what it can't deploy fails early.
    """
    if endpoint:
        from localaws.deployment import read
        from localaws.errors import LocalAwsError

        try:
            read(release.template, {})
        except LocalAwsError as error:
            raise DeliveryFailed(str(error)) from error
    elif not release.built_template.exists():
        run(["sam", "build"], release.folder)


def deploy(release: Release, stage: Stage, history: ReleaseHistory, run: Run = run) -> None:
    """Deploy a release to a stage, and note it in the stage's history. Raises DeliveryFailed.

    It lasts as long as the stage's TrafficShift does.
    """
    endpoint = endpoint_of(os.environ)
    history.begin(release.commit)
    try:
        build(release, endpoint, run)
        _update(release, stage.parameters, stage, endpoint, run)
    except DeliveryFailed:
        history.fail(release.commit)
        raise
    history.add(release.commit)


def roll_back(
    root: Path, stage: Stage, history: ReleaseHistory, instead_of: str | None = None, run: Run = run
) -> Release | None:
    """Deploy the release before the one that is deployed, for all traffic at once; returns it.

    With `instead_of`, only if this run brought that commit and its smoke test hasn't passed: else nothing is done, and
    None returned. A deployment that failed has already been put back by CloudFormation. Raises DeliveryFailed.
    """
    commits = history.read()
    if instead_of is not None and history.reason_to_keep(instead_of):
        return None
    if len(commits) < 2:
        raise DeliveryFailed(f"The stage {stage.name} has no release before {commits[-1] if commits else 'its first'}.")
    release = make_release(root, commits[-2])
    endpoint = endpoint_of(os.environ)
    build(release, endpoint, run)
    _update(release, {**stage.parameters, **_at_once(release)}, stage, endpoint, run)
    history.drop_last()
    return release


def _at_once(release: Release) -> dict[str, str]:
    """The parameter that lets a release have all traffic at once, if its template shifts traffic at all."""
    shifts = "TrafficShift" in release.template.read_text(encoding="utf-8")
    return {"TrafficShift": "AllAtOnce"} if shifts else {}


def _update(release: Release, given: Mapping[str, str], stage: Stage, endpoint: str, run: Run) -> None:
    """Create the stage's stack with the given parameters, or update it."""
    parameters = [f"{name}={value}" for name, value in {**given, "CodeCommit": release.commit}.items()]
    if endpoint:
        port = str(urlsplit(endpoint).port)
        options = [word for parameter in parameters for word in ("--parameter", parameter)]
        run(
            ["localaws", "deploy", "template.yaml", "--stack-name", stage.stack, "--port", port, *options],
            release.folder,
        )
        return
    run(
        [
            *("sam", "deploy", "--template-file", str(release.built_template)),
            *("--config-file", str(release.folder / "samconfig.toml"), "--config-env", stage.name),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset"),
            *("--parameter-overrides", *parameters),
        ],
        release.folder,
    )
