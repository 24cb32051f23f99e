"""`tick`: move the clock of local AWS forward and run the schedules and alarms that fall due."""

from __future__ import annotations

import argparse

from localaws.commands.remote import add_port, call
from localaws.commands.table import show_time

HELP = "move the clock forward and run the schedules and alarms that fall due"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("duration", help="how far: 90s, 5m, 1h, 2d, 1h30m")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Move the clock and print the new time."""
    now = call(options.port, "tick", {"duration": options.duration})["now"]
    print(f"The time in local AWS is now {show_time(now)}.")
    return 0
