"""Runs a Docker Engine until standard input ends, then removes everything that it leaves in the kernel.

`python -m localaws.samlocal.supervisor DATA RUN` writes `ready` once the engine responds at RUN/docker.sock. End of
file on standard input means that the parent is done or has ended, even by SIGKILL. The engine has its own process and
mount namespaces, so its containers, mounts and child processes end with it.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from localaws.samlocal.traces import Traces, allow_forwarding

READY_SECONDS = 60
STOP_SECONDS = 20


def main(data: Path, run: Path) -> int:
    """Run the engine; returns 0, or 1 if it didn't start."""
    before = Traces.now()
    done = threading.Event()
    threading.Thread(target=_await_end, args=(done,), daemon=True).start()
    with (data.parent / "dockerd.log").open("wb") as log:
        allow_forwarding()
        engine = subprocess.Popen(_command(data, run), stdout=log, stderr=subprocess.STDOUT)
        try:
            if not _wait_until_ready(engine, run / "docker.sock", done):
                return 1
            print("ready", flush=True)
            while not done.wait(0.2) and engine.poll() is None:
                continue
        finally:
            _stop(engine)
            before.restore(run.name)
            shutil.rmtree(run, ignore_errors=True)
    return 0


def _command(data: Path, run: Path) -> list[str]:
    namespaces = ["unshare", "--mount", "--propagation", "slave", "--pid", "--mount-proc", "--fork", "--kill-child"]
    engine = ["dockerd", "--data-root", str(data), "--exec-root", str(run / "exec"), "--pidfile", str(run / "pid")]
    # Its own configuration, never that of the machine's engine.
    settings = run / "daemon.json"
    settings.write_text("{}")
    engine += ["--config-file", str(settings), "--host", f"unix://{run / 'docker.sock'}"]
    return [*namespaces, *engine, "--cgroup-parent", run.name]


def _await_end(done: threading.Event) -> None:
    sys.stdin.buffer.read()
    done.set()


def _wait_until_ready(engine: subprocess.Popen[bytes], socket: Path, done: threading.Event) -> bool:
    end = time.monotonic() + READY_SECONDS
    probe = ["docker", "--host", f"unix://{socket}", "version"]
    while time.monotonic() < end and engine.poll() is None and not done.is_set():
        if socket.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return True
        time.sleep(0.1)
    return False


def _stop(engine: subprocess.Popen[bytes]) -> None:
    """Let dockerd stop its containers; the end of the namespaces kills the rest."""
    children = Path(f"/proc/{engine.pid}/task/{engine.pid}/children")
    if engine.poll() is None:
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGTERM)
        try:
            engine.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            engine.kill()
    engine.wait()


if __name__ == "__main__":
    # Ctrl-C reaches all processes of the terminal; the holder of the pipe decides when the engine ends.
    # A handler, since an ignored signal would be ignored by the engine too.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
