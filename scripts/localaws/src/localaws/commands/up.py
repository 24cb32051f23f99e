"""`up`: deploy a template and run it until Ctrl-C."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path

from localaws.commands.interruption import Interruption
from localaws.commands.table import show
from localaws.errors import LocalAwsError
from localaws.settings import Settings, parse_parameters, region_of

HELP = "deploy a template and run it until Ctrl-C"
# The SAM CLI looks for the same names.
_TEMPLATES = ("template.yaml", "template.yml")
# The time for the start to reach its next step after a signal.
_STOP_SECONDS = 10.0


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "template",
        type=Path,
        nargs="?",
        help="a SAM or CloudFormation template, or the folder that `cdk synth` wrote (default: template.yaml or .yml "
        "of this folder, else no stack)",
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
        help="keep stacks with what's in them, and logs, in DIR for the next start",
    )
    parser.add_argument("--containers", metavar="URL", help="URL of a `sam local start-lambda` that runs the functions")
    parser.add_argument(
        "--iam",
        choices=("off", "report", "enforce"),
        default="report",
        help="calls of functions that their policies don't allow: not looked at, reported once, or denied (report)",
    )
    parser.add_argument("--concurrency", type=int, default=1000, help="concurrent executions of the account (1000)")


def run(options: argparse.Namespace) -> int:
    """Start, wait for SIGINT or SIGTERM, stop. A signal during the start stops it at the next step."""
    interruption = Interruption()
    try:
        return _up(options, interruption)
    except KeyboardInterrupt:
        print("stopped")
        return 0


def _up(options: argparse.Namespace, interruption: Interruption) -> int:
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
        iam=options.iam,
        parameters=parse_parameters(options.parameter),
    )

    def progress(line: str) -> None:
        interruption.check()
        print(f"  {line}", flush=True)

    with ExitStack() as running:
        with interruption.limit(_STOP_SECONDS):
            # Importing moto takes a second or two: print something first.
            print(f"Starting local AWS {f'for {template}' if template else 'without a template'} …", flush=True)
            from localaws.cloud import LocalCloud

            interruption.check()
            try:
                cloud = running.enter_context(LocalCloud(settings, template, progress))
            except LocalAwsError:
                # Ctrl-C also ends the tool of a running build, whose failure isn't an error then.
                interruption.check()
                raise
        print(f"Local AWS is up after {time.perf_counter() - began:.1f} s; Ctrl-C stops it.")
        show({"AWS endpoint": cloud.endpoint_url} | cloud.addresses | cloud.outputs)
        print(f"  export AWS_ENDPOINT_URL={cloud.endpoint_url} AWS_DEFAULT_REGION={settings.region}", end="")
        print(" AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local", flush=True)
        interruption.wait()
        print("Stopping …", flush=True)
    print("stopped", flush=True)
    return 0


def _default_template(folder: Path) -> Path | None:
    """The template of a SAM project's folder, relative to it; None if there's none."""
    return next((Path(name) for name in _TEMPLATES if (folder / name).is_file()), None)
