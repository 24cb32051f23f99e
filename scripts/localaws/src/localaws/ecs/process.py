"""Runs the container of a task: a process with the files of its image, in a root of its own like a function's."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localaws.builds.image_files import Image
from localaws.builds.scratch import Scratch
from localaws.runtime.channel import Pipe
from localaws.runtime.environment import import_path
from localaws.runtime.function import FunctionConfig
from localaws.runtime.launcher import Launcher
from localaws.runtime.layout import Layout, own_root, shared_root
from localaws.runtime.memory import memory_kb
from localaws.runtime.output import LogLine, OutputParser

_LOOK_SECONDS = 0.05
_PYTHONS = ("python", "python3", "python3.13")
# The exit codes of a container that's killed by a signal begin after this.
_SIGNALS = 128


@dataclass(frozen=True, kw_only=True)
class Container:
    """What runs: `command` with `environment`, in `folder` or the image's own.

    `memory` and `storage` (of /tmp) are in MiB, `stop_seconds` is the time between SIGTERM and SIGKILL.
    """

    name: str
    image: Image
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str | None
    memory: int
    storage: int
    stop_seconds: int
    region: str


@dataclass(frozen=True)
class Stop:
    """Whether a container was asked to stop, within its time, or at once."""

    asked: threading.Event = field(default_factory=threading.Event)
    at_once: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Ended:
    """How a container ended: its exit code, 128 plus its signal if it was killed, and whether it used its memory up."""

    code: int
    out_of_memory: bool = False


class Containers:
    """Runs containers under `home`; `isolated`: each has a root file system of its own."""

    def __init__(self, home: Path, runtime: Path, launcher: Launcher, *, isolated: bool) -> None:
        self._home, self._runtime, self._launcher, self._isolated = home / "sandboxes", runtime, launcher, isolated

    def run(
        self,
        container: Container,
        now_ms: Callable[[], int],
        write: Callable[[list[LogLine]], None],
        stop: Stop,
        started: Callable[[], None],
    ) -> Ended:
        """Run a container to its end, or until it's asked to stop; `write` gets its output, line by line."""
        with Scratch(self._home, f"{container.name[:40]}.") as scratch:
            pipes = {name: scratch.path / name for name in ("control", "log")}
            pipes["control"].touch()
            output = Pipe(pipes["log"])
            try:
                return self._run(container, scratch.path, pipes, output, now_ms, write, stop, started)
            finally:
                output.close()

    def _run(
        self,
        container: Container,
        scratch: Path,
        pipes: Mapping[str, Path],
        output: Pipe,
        now_ms: Callable[[], int],
        write: Callable[[list[LogLine]], None],
        stop: Stop,
        started: Callable[[], None],
    ) -> Ended:
        config = _config(container)
        arrange = own_root if self._isolated else shared_root
        layout = arrange(config, scratch, self._runtime, pipes, os.environ)
        process = self._launcher.start(
            _argv(container, layout),
            None,
            _environment(container, config, layout),
            container.folder or layout.folder if layout.root else layout.folder,
            pipes["log"],
            layout.root,
            both_outputs=True,
        )
        started()
        parser = OutputParser()
        killed_at: float | None = None
        out_of_memory = False
        while not process.has_ended():
            write(parser.feed(output.read(), now_ms()))
            if memory_kb(process.pid) > container.memory * 1024:
                out_of_memory = True
                break
            if stop.asked.is_set() and killed_at is None:
                killed_at = time.monotonic() + container.stop_seconds
                os.kill(process.pid, signal.SIGTERM)
            if stop.at_once.is_set() or (killed_at is not None and time.monotonic() > killed_at):
                break
            time.sleep(_LOOK_SECONDS)
        code = self._launcher.stop(process)
        write([*parser.feed(output.read(), now_ms()), *parser.flush(now_ms())])
        return Ended(_SIGNALS - code if code < 0 else code, out_of_memory)


def _config(container: Container) -> FunctionConfig:
    """The container as the layout of sandboxes needs it."""
    return FunctionConfig(
        name=container.name,
        environment={},
        timeout=0,
        memory=container.memory,
        region=container.region,
        image=container.image,
        handler="container",
        storage=container.storage,
    )


def _argv(container: Container, layout: Layout) -> list[str]:
    """The command; without a root of its own, Python is that of functions, wherever it's on this machine."""
    first, *rest = container.command
    return [layout.python if not layout.root and first in _PYTHONS else first, *rest]


def _environment(container: Container, config: FunctionConfig, layout: Layout) -> dict[str, str]:
    found = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": layout.path,
        "LD_LIBRARY_PATH": layout.libraries,
        "LAMBDA_TASK_ROOT": layout.task,
        "LAMBDA_RUNTIME_DIR": layout.runtime,
        # AWS's image has boto3 among its packages; here it's in the runtime's folder. Images can't be written.
        "PYTHONPATH": import_path(config, layout),
        "PYTHONDONTWRITEBYTECODE": "1",
        **layout.certificates,
        **container.image.environment,
        **container.environment,
    }
    if layout.temporary:
        found["TMPDIR"] = layout.temporary
    return found
