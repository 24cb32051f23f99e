"""Starts processes that end with this one, even if it's killed."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from localaws.runtime import watchdog


class Reaper:
    """Starts processes in new sessions and kills them with all their descendants.

    A watchdog process holds the read end of a pipe; when this process dies, even by SIGKILL, the pipe closes and the
    watchdog kills all remaining processes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._watchdog = subprocess.Popen(
            [sys.executable, "-S", "-E", watchdog.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def watchdog_pid(self) -> int:
        """The process id of the watchdog."""
        return self._watchdog.pid

    def spawn(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a process in a new session and register it; `options` are those of `subprocess.Popen`."""
        with self._lock:
            if self._watchdog.poll() is not None:
                raise RuntimeError("the watchdog process has ended, so no process can be started")
            process: subprocess.Popen[bytes] = subprocess.Popen(argv, start_new_session=True, **options)
            self._running[process.pid] = process
            self._command(f"+{process.pid}\n")
        return process

    def watch(self, session: int) -> None:
        """Have a session killed when this process dies, which a process that was started here began."""
        with self._lock:
            self._command(f"+{session}\n")

    def unwatch(self, session: int) -> None:
        """Take note that all processes of a session have ended."""
        with self._lock:
            self._command(f"-{session}\n")

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and its descendants, wait for its end and unregister it."""
        self._stop([process])

    def close(self) -> None:
        """Kill all processes that were started here, then end the watchdog."""
        with self._lock:
            remaining = list(self._running.values())
        if remaining:
            self._stop(remaining)
        with self._lock:
            if self._watchdog.stdin and not self._watchdog.stdin.closed:
                self._watchdog.stdin.close()
        self._watchdog.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _stop(self, processes: list[subprocess.Popen[bytes]]) -> None:
        with self._lock:
            # They haven't been waited for, so their ids can't have been reused by other processes.
            alive = [process.pid for process in processes if process.pid in self._running]
        if alive:
            watchdog.end_sessions(alive)
        for process in processes:
            process.wait()
        with self._lock:
            for process in processes:
                if self._running.pop(process.pid, None) is not None:
                    self._command(f"-{process.pid}\n")

    def _command(self, command: str) -> None:
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.write(command.encode())
        self._watchdog.stdin.flush()
