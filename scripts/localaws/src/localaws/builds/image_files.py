"""The files of an image: those that its commands made, and those that it copies from its build context."""

import os
import posixpath
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localaws.builds.dockerfile_plan import TASK_ROOT
from localaws.builds.dockerignore import DockerIgnore


@dataclass(frozen=True)
class Copied:
    """A file or folder of the build context and its destination, an absolute path in the image."""

    source: Path
    destination: str


@dataclass(frozen=True)
class Image:
    """A built image: `built` is a tree of the files that its commands made, `copies` are those of the build context.

    `digest` identifies it, `folder` is its working directory; values of `environment` may contain /var/task; `handler`
    is the CMD. `entry_point` is () for one that runs functions, which the base image's does.
    """

    digest: str
    built: Path
    handler: str | None
    environment: Mapping[str, str]
    copies: tuple[Copied, ...]
    context: Path
    ignore: DockerIgnore = field(compare=False, repr=False)
    folder: str = TASK_ROOT
    entry_point: tuple[str, ...] = ()

    def lay_out(self, tree: Path, *, without: Path, link: bool) -> Path:
        """Put the source files into a new folder, by the COPY instructions in order, at their paths in the image.

        Those under the folder `without` are left out. With `link` they're hard links where that's possible: cheap, but
        writing to one would change the source.
        """
        tree.mkdir()
        for copy in self.copies:
            for file in [copy.source] if copy.source.is_file() else _files(copy.source, without):
                is_link = file.is_symlink()
                if self.ignore.excludes(file.relative_to(self.context).as_posix()):
                    continue
                inside = "" if file == copy.source else file.relative_to(copy.source).as_posix()
                place = tree / posixpath.join(_on_this_machine(copy.destination), inside).lstrip("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.unlink(missing_ok=True)
                if is_link and inside:
                    place.symlink_to(file.readlink())
                else:
                    _put(file.resolve(), place, link=link)
        return tree


def _files(folder: Path, without: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__" and path != without:
                    yield from _files(path, without)
            elif entry.is_symlink() or entry.is_file():
                yield path


def _put(source: Path, place: Path, *, link: bool) -> None:
    if link:
        try:
            place.hardlink_to(source)
        except OSError:  # on another file system, or another user's file
            link = False
    if not link:
        shutil.copy2(source, place)


def _on_this_machine(path: str) -> str:
    """A path in an image, where a top-level folder that's a link on this machine is what it links to."""
    top = Path("/", path.split("/")[1])
    return f"/{top.readlink()}{path[len(str(top)) :]}" if top.is_symlink() else path
