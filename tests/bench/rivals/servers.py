"""The local clouds that are compared, each installed and started as its own documentation says."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from localaws_testing.ports import free_port
from tests.bench.places import HOME, PEERS, make_environment, read_pins
from tests.bench.processes import PATIENCE, running
from tests.bench.rivals.cloud import REGION, Cloud

OURS, MINISTACK, MOTO = "localaws", "ministack", "moto"
FOLDER = HOME / "rivals"


@dataclass(frozen=True)
class Rival:
    """A local cloud: `command` starts it, with {port} and {http_port}; `rest` is the URL of a REST API's stage.

    `runs_functions` is whether it does without Docker.
    """

    key: str
    name: str
    command: Sequence[str]
    rest: str
    environ: Mapping[str, str] = field(default_factory=dict)
    runs_functions: bool = True

    @contextmanager
    def started(self) -> Iterator[tuple[Cloud, subprocess.Popen[bytes], float]]:
        """Run it on free ports: what probes need, the process, and the moment (perf_counter) at which it was started.

        It's given as soon as it's listening.
        """
        ports = {"port": str(free_port()), "http_port": str(free_port())}
        cloud = Cloud(int(ports["port"]), _filled(self.rest, ports))
        for service in ("iam", "lambda", "apigatewayv2"):
            cloud(service)
        FOLDER.mkdir(parents=True, exist_ok=True)
        environ = {
            **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            **{key: _filled(value, ports) for key, value in self.environ.items()},
            "AWS_DEFAULT_REGION": REGION,
        }
        began = time.perf_counter()
        with running([_filled(word, ports) for word in self.command], environ, FOLDER) as process:
            _wait(process, cloud.port)
            yield cloud, process, began


def rivals() -> list[Rival]:
    """All of them, installed; ours is this environment's."""
    ministack, moto = (make_environment(name, PEERS / f"{name}.txt") for name in (MINISTACK, MOTO))
    pins = {name: read_pins(PEERS / f"{name}.txt")[name] for name in (MINISTACK, MOTO)}
    up = [str(Path(sys.executable).parent / "localaws"), "up", "--port", "{port}", "--http-port", "{http_port}"]
    return [
        Rival(
            OURS,
            f"local AWS {version('localaws')}",
            [*up, "--state-dir", str(FOLDER / "state")],
            "http://{id}.execute-api.us-east-1.amazonaws.com:{http_port}/{stage}",
        ),
        Rival(
            MINISTACK,
            f"MiniStack {pins[MINISTACK]}",
            [str(ministack / "bin" / "ministack")],
            "http://{id}.execute-api.localhost:{port}/{stage}",
            {"GATEWAY_PORT": "{port}", "BIND_HOST": "127.0.0.1"},
        ),
        Rival(
            MOTO,
            f"moto {pins[MOTO]}",
            [str(moto / "bin" / "moto_server"), "--port", "{port}"],
            "http://{id}.execute-api.us-east-1.amazonaws.com:{port}/{stage}",
            {"MOTO_PORT": "{port}"},
            runs_functions=False,
        ),
    ]


def _filled(text: str, ports: Mapping[str, str]) -> str:
    for name, port in ports.items():
        text = text.replace(f"{{{name}}}", port)
    return text


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until something answers on the port; raises RuntimeError if the process ends."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"{process.args!r} didn't listen within {PATIENCE:.0f} s")
