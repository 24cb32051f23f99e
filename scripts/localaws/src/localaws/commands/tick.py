"""`tick`: move the clock on."""

from __future__ import annotations

import argparse

from localaws.commands.remote import add_port, ask

HELP = "move the clock on, and run what falls due meanwhile: schedules, alarms"


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("duration", help="how far: 90s, 5m, 1h, 2d, 1h30m")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Move it and say what time it is now."""
    print(f"It is {ask(options.port, 'tick', {'duration': options.duration})['now']} in local AWS.")
    return 0
