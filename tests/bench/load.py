"""Load from wrk, a client in C that is far faster than any of the servers (https://github.com/wg/wrk)."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
local file = io.open(os.getenv("BENCH_BODY"), "rb")
wrk.method = "POST"
wrk.body = file:read("*all")
wrk.headers["Content-Type"] = "application/json"
file:close()
function done(summary, latency, requests)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.stderr:write(string.format('{"requests": %d, "seconds": %f, "wrong": %d, "refused": %d, "p50": %f, "p99": %f}',
    summary.requests, summary.duration / 1e6, wrong, summary.errors.status,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True)
class Load:
    """What a server bore: how many requests, how many a second, and latencies in ms."""

    requests: int
    rate: float
    p50: float
    p99: float


def require_wrk() -> str:
    """The path of wrk. Exits with what to do where it isn't installed."""
    found = shutil.which("wrk")
    if found is None:
        sys.exit("bench: wrk is missing; it is the client. On Debian and Ubuntu: sudo apt-get install wrk")
    return found


def press(port: int, path: str, body: bytes, clients: int, seconds: float, scratch: Path) -> Load:
    """Ask with so many clients at once, each on one connection, for whole seconds. Raises where an answer isn't 200."""
    script, content = scratch / "post.lua", scratch / "body"
    script.write_text(_SCRIPT)
    content.write_bytes(body)
    words = [require_wrk(), "--threads", "1", "--connections", str(clients), "--duration", f"{max(1, round(seconds))}s"]
    done = subprocess.run(
        [*words, "--timeout", "30s", "--script", str(script), f"http://127.0.0.1:{port}{path}"],
        env={**os.environ, "BENCH_BODY": str(content)},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(done.stderr)
    if seen["wrong"] or seen["refused"] or not seen["requests"]:
        raise RuntimeError(f"{path} on port {port} failed under load: {seen}")
    return Load(requests=seen["requests"], rate=seen["requests"] / seen["seconds"], p50=seen["p50"], p99=seen["p99"])
