"""Run a SAM or CloudFormation template on this machine, and control it while it runs."""

from __future__ import annotations

import argparse
import sys

from localaws.commands import base_image, deploy, doctor, iam, logs, reset, status, tick, up
from localaws.errors import LocalAwsError

_COMMANDS = (up, deploy, status, tick, logs, iam, reset, doctor, base_image)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 success, 1 failure, 2 the template was refused."""
    parser = argparse.ArgumentParser(prog="localaws", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in _COMMANDS:
        name = command.__name__.rsplit(".", 1)[-1].replace("_", "-")
        own = commands.add_parser(name, help=command.HELP, description=command.__doc__)
        command.add(own)
        own.set_defaults(run=command.run)
    options = parser.parse_args(argv)
    try:
        return int(options.run(options))
    except LocalAwsError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
