"""Whether sandboxes can have a root file system of their own on this machine, and what isn't as on AWS if not."""

from pathlib import Path

from localaws.builds.scratch import Scratch
from localaws.runtime.launcher import Launcher, Root
from localaws.runtime.machine import system_folders


def find_obstacle(launcher: Launcher, home: Path) -> str | None:
    """Why a root of their own can't be made for sandboxes under `home`, or None if it can."""
    folders, links = system_folders()
    with Scratch(home / "sandboxes", "try.") as scratch:
        place, first, second = (scratch.path / name for name in ("root", "first", "second"))
        for folder in (place, first, second):
            folder.mkdir()
        root = Root(
            place=str(place),
            base=(),
            links=links,
            mounts=(*((folder, (folder,)) for folder in folders), ("/opt", (str(first), str(second)))),
            tmp_mb=1,
        )
        return launcher.failure(root)


def consequences(obstacle: str) -> str:
    """What isn't as on AWS because of an obstacle."""
    return (
        f"functions share this machine's file system ({obstacle}): their code isn't in /var/task and can be written, "
        "layers are on the paths of imports, programs and libraries, but not in /opt, and /tmp is shared and has no "
        "limit. Mount namespaces would change that: see docs/local-aws.md"
    )
