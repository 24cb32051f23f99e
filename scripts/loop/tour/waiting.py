"""What both tours wait for: a version that the API serves, and Ctrl-C."""

import time

from cli.errors import CommandError
from loop.screen import Screen
from simulation.traffic import Api

_FOLLOWING_SECONDS = 60


def await_version(api: Api, version: int) -> None:
    """Wait until the API serves a version. Raises CommandError if it doesn't within a minute."""
    deadline = time.monotonic() + _FOLLOWING_SECONDS
    while api.find_version() != version:
        if time.monotonic() > deadline:
            raise CommandError(f"The API doesn't serve version {version} of {api.model} after {_FOLLOWING_SECONDS} s.")
        time.sleep(0.2)


def wait_for_interrupt(screen: Screen, command: str) -> None:
    """Keep everything running until Ctrl-C; `command` is what to try in another terminal meanwhile."""
    screen.line(f"\nIt all still runs: `source .localaws/env`, then `{command}`. Ctrl-C stops it.")
    while True:
        time.sleep(3600)
