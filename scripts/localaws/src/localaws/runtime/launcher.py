"""Starts the processes of sandboxes, by a small program that can give each a root file system of its own."""

import json
import os
import select
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from localaws.runtime import launch, watchdog
from localaws.runtime.reaper import Reaper


@dataclass(frozen=True, kw_only=True)
class Root:
    """A root file system, as `launch.Root` makes it."""

    place: str
    base: tuple[str, ...]
    links: dict[str, str]
    mounts: tuple[tuple[str, tuple[str, ...]], ...]
    tmp_mb: int


class Launched:
    """A process that the launcher started; its id isn't reused before it was stopped."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ending = threading.Lock()
        self._descriptor: int | None = os.pidfd_open(pid)
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)

    @property
    def is_stopped(self) -> bool:
        """Whether its end was noted, so that its id may belong to another process."""
        return self._descriptor is None

    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self._descriptor is None or bool(self._poll.poll(0))

    def wait(self) -> None:
        """Wait for its end."""
        if self._descriptor is not None:
            self._poll.poll()

    def close(self) -> None:
        """Close the descriptor of the process."""
        assert self._descriptor is not None
        os.close(self._descriptor)
        self._descriptor = None


class Launcher:
    """Starts processes that end with this one, even if it's killed. Thread-safe."""

    def __init__(self, reaper: Reaper) -> None:
        self._reaper = reaper
        self._lock = threading.Lock()
        self._program = reaper.spawn(
            [sys.executable, "-S", "-E", launch.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    @property
    def pid(self) -> int:
        """The process id of the program that starts the processes."""
        return self._program.pid

    def start(
        self,
        argv: list[str],
        program: Path | None,
        environment: dict[str, str],
        folder: str,
        log: Path,
        root: Root | None,
        *,
        both_outputs: bool = False,
    ) -> Launched:
        """Start `program` in a session of its own, in `folder`; its errors go to the file `log`.

        Without a program, the first of `argv` is looked for in PATH, in the root. With `both_outputs` its standard
        output goes to the log too. If the root can't be made, the process ends with the reason in the log.
        """
        request = {
            "argv": argv,
            "program": None if program is None else str(program),
            "environment": environment,
            "folder": folder,
            "log": str(log),
            "root": asdict(root) if root else None,
            "both_outputs": both_outputs,
        }
        started = Launched(self._ask({"start": request})["pid"])
        self._reaper.watch(started.pid)
        return started

    def failure(self, root: Root) -> str | None:
        """Why a root can't be made on this machine, or None if it can."""
        failed: str | None = self._ask({"try": asdict(root)})["failed"]
        return failed

    def stop(self, process: Launched) -> int:
        """Kill a process and its descendants, and wait for its end.

        Returns its exit code: minus a signal's number if one ended it, and 0 if it was stopped before.
        """
        with process.ending:
            if process.is_stopped:
                return 0
            watchdog.end_sessions([process.pid])
            process.wait()
            self._reaper.unwatch(process.pid)
            code: int = self._ask({"end": process.pid})["code"]
            process.close()
            return code

    def close(self) -> None:
        """End the program, and all processes that it started."""
        self._reaper.stop(self._program)
        for pipe in (self._program.stdin, self._program.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):  # a request that a killed program didn't read is still buffered
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        with self._lock:
            try:
                self._program.stdin.write(json.dumps(request).encode() + b"\n")
                self._program.stdin.flush()
                line = self._program.stdout.readline()
            except BrokenPipeError:
                line = b""
        if not line:
            raise RuntimeError("the program that starts sandboxes has ended, so none can be started")
        answer: dict[str, Any] = json.loads(line)
        return answer
