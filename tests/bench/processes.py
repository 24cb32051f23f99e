"""Servers as processes: started, asked until they answer, weighed, ended."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from localaws_testing.processes import descendants, is_alive, stat_fields

PATIENCE = 120.0


@contextmanager
def running(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own; in the end it and all that it started are ended."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        family = descendants(process.pid)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for pid in family:
                _kill(pid, sign)
            until = time.monotonic() + 5
            while any(is_alive(pid) for pid in family[1:]) and time.monotonic() < until:
                time.sleep(0.02)
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
            if not any(is_alive(pid) for pid in family[1:]):
                break


def wait_for_answer(process: subprocess.Popen[bytes], port: int, path: str, body: bytes, kind: str) -> bytes:
    """Ask until the answer is a 200, every 2 ms; gives the answer. Raises RuntimeError if the process ends."""
    until = time.monotonic() + PATIENCE
    last = "nothing"
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before it answered")
        try:
            status, answer = ask(port, path, body, kind)
        except (OSError, http.client.HTTPException):
            time.sleep(0.002)
            continue
        if status == 200:
            return answer
        last = f"{status} {answer[:300]!r}"
        time.sleep(0.002)
    raise RuntimeError(f"{process.args!r} didn't answer {path} within {PATIENCE:.0f} s, only {last}")


def ask(port: int, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def memory_mb(pid: int) -> float:
    """The memory of a process and its descendants: shared pages count for each by its share (PSS)."""
    kilobytes = 0
    for each in descendants(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has just ended
            continue
        kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def processor_seconds(pid: int) -> float:
    """The processor's time of a process and its descendants so far."""
    ticks = 0
    for each in descendants(pid):
        if fields := stat_fields(each):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _kill(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
