"""`up`: deploy a template and run it until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from pathlib import Path

from localaws.commands.table import show
from localaws.settings import Settings, parse_parameters, region_of

HELP = "deploy a template and run it until Ctrl-C"
# The SAM CLI looks for the same names.
_TEMPLATES = ("template.yaml", "template.yml")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "template",
        type=Path,
        nargs="?",
        help="a SAM or CloudFormation template (default: template.yaml or .yml of this folder, else no stack)",
    )
    parser.add_argument("--parameter", action="append", default=[], metavar="K=V", help="a parameter of the template")
    parser.add_argument("--port", type=int, default=4566, help="port of the AWS endpoint (4566)")
    parser.add_argument("--http-port", type=int, default=3000, help="port of the first HTTP API (3000)")
    parser.add_argument("--stack-name", default="local", help="name of the stack (local)")
    parser.add_argument("--state-dir", type=Path, help="folder for builds (.localaws next to the template)")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep buckets, queues, logs and stacks in DIR for the next start",
    )
    parser.add_argument("--containers", metavar="URL", help="URL of a `sam local start-lambda` that runs the functions")
    parser.add_argument("--concurrency", type=int, default=1000, help="concurrent executions of the account (1000)")


def run(options: argparse.Namespace) -> int:
    """Start, wait, stop. An interrupt while it starts stops it as cleanly as one later."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _interrupt(stopping))
    try:
        return _up(options, stopping)
    except KeyboardInterrupt:
        print("stopped")
        return 0


def _up(options: argparse.Namespace, stopping: threading.Event) -> int:
    began = time.perf_counter()
    template: Path | None = options.template or _default_template(Path.cwd())
    base = template.resolve().parent if template else Path.cwd()
    settings = Settings(
        state=(options.state_dir or base / ".localaws").resolve(),
        port=options.port,
        http_port=options.http_port,
        region=region_of(),
        stack_name=options.stack_name,
        concurrency=options.concurrency,
        keep=options.keep.resolve() if options.keep else None,
        containers=options.containers,
        parameters=parse_parameters(options.parameter),
    )
    # Importing moto takes a second or two: print something first.
    print(f"Starting local AWS {f'for {template}' if template else 'without a template'} …", flush=True)
    from localaws.cloud import LocalCloud

    with LocalCloud(settings, template, lambda line: print(f"  {line}", flush=True)) as cloud:
        print(f"Local AWS is up after {time.perf_counter() - began:.1f} s; Ctrl-C stops it.")
        show({"AWS endpoint": cloud.endpoint_url} | cloud.addresses | cloud.outputs)
        print(f"  export AWS_ENDPOINT_URL={cloud.endpoint_url} AWS_DEFAULT_REGION={settings.region}", end="")
        print(" AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local", flush=True)
        _running(stopping)
        print("Stopping …", flush=True)
    print("stopped", flush=True)
    return 0


def _default_template(folder: Path) -> Path | None:
    """The template of a SAM project's folder, relative to it; None if there's none."""
    return next((Path(name) for name in _TEMPLATES if (folder / name).is_file()), None)


_up_and_waiting = threading.Event()


def _running(stopping: threading.Event) -> None:
    _up_and_waiting.set()
    # In slices, so that the signal handler gets its turn.
    while not stopping.wait(0.2):
        continue


def _interrupt(stopping: threading.Event) -> None:
    """While starting, unwind what was started; when up, end the wait."""
    if not _up_and_waiting.is_set() and not stopping.is_set():
        stopping.set()
        raise KeyboardInterrupt
    stopping.set()
