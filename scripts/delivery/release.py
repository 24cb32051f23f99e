"""A release: the files of one commit in a folder of their own, so that edits of the checkout don't reach a stage."""

import io
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from delivery.git import git, git_bytes


@dataclass(frozen=True)
class Release:
    """A commit (40 hexadecimal digits), and the folder with its files."""

    commit: str
    folder: Path

    @property
    def template(self) -> Path:
        """The template of its stack."""
        return self.folder / "template.yaml"

    @property
    def built_template(self) -> Path:
        """The template that `sam build` writes."""
        return self.folder / ".aws-sam" / "build" / "template.yaml"


def make_release(root: Path, revision: str) -> Release:
    """The release of a commit of the checkout at `root`, extracted if it isn't yet. Raises DeliveryFailed."""
    commit = resolve_commit(root, revision)
    releases = root / ".localaws" / "releases"
    release = Release(commit, releases / commit)
    if release.folder.is_dir():
        return release
    releases.mkdir(parents=True, exist_ok=True)
    archive = git_bytes(root, "archive", "--format=tar", commit)
    # Renamed when it's whole: an interrupted extraction is never taken for a release.
    unfinished = Path(tempfile.mkdtemp(dir=releases, prefix="."))
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(unfinished, filter="data")
        unfinished.chmod(0o755)
        unfinished.rename(release.folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return release


def resolve_commit(root: Path, revision: str) -> str:
    """The commit that a revision (HEAD, a branch, a tag, a digest) names. Raises DeliveryFailed."""
    return git(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")


def uncommitted(root: Path) -> list[str]:
    """The files with changes that no commit has."""
    return [line[3:] for line in git(root, "status", "--porcelain").splitlines()]
