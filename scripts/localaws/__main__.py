"""`python -m localaws up template.yaml`: run a template on local AWS until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from pathlib import Path

from localaws.errors import LocalAwsError
from localaws.settings import Settings, parse_parameters, region_of


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 stopped, 1 couldn't start, 2 the template is refused."""
    parser = argparse.ArgumentParser(prog="localaws", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="deploy a template and serve it until Ctrl-C")
    up.add_argument("template", type=Path, nargs="?", help="a SAM or CloudFormation template; none for a bare AWS")
    up.add_argument("--parameter", action="append", default=[], metavar="K=V", help="a parameter of the template")
    up.add_argument("--port", type=int, default=4566, help="port of the AWS endpoint (4566)")
    up.add_argument("--http-port", type=int, default=3000, help="port of the first HTTP API (3000)")
    up.add_argument("--stack-name", default="local", help="name of the stack (local)")
    up.add_argument("--state-dir", type=Path, help="where builds are kept (.localaws beside the template)")
    options = parser.parse_args(argv)
    # Set before anything is loaded, so that an early Ctrl-C stops as cleanly as a late one.
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _interrupt(stopping))
    try:
        return _up(options, stopping)
    except LocalAwsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped")
        return 0


def _up(options: argparse.Namespace, stopping: threading.Event) -> int:
    began = time.perf_counter()
    base = options.template.resolve().parent if options.template else Path.cwd()
    settings = Settings(
        state=(options.state_dir or base / ".localaws").resolve(),
        port=options.port,
        http_port=options.http_port,
        region=region_of(),
        stack_name=options.stack_name,
        parameters=parse_parameters(options.parameter),
    )
    # Loading moto takes a second or two: say something first.
    print(f"Starting local AWS for {options.template or 'no template'} …", flush=True)
    from localaws.cloud import LocalCloud

    with LocalCloud(settings, options.template, lambda line: print(f"  {line}", flush=True)) as cloud:
        print(f"Local AWS is up after {time.perf_counter() - began:.1f} s; Ctrl-C stops it.")
        rows = {"AWS endpoint": cloud.endpoint_url} | cloud.api_urls | cloud.outputs
        width = max(map(len, rows))
        for name, value in rows.items():
            print(f"  {name:<{width}}  {value}")
        print(f"  export AWS_ENDPOINT_URL={cloud.endpoint_url} AWS_DEFAULT_REGION={settings.region}", end="")
        print(" AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local", flush=True)
        _running(stopping)
        print("Stopping …", flush=True)
    print("stopped", flush=True)
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
