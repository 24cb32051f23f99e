"""How far a command looks back, or from when to when it looks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cli.errors import CommandError
from mlops.records.window import Window

SinceOption = Annotated[str, typer.Option("--since", help="How far to look back, such as 15m, 3h or 7d.")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", help="In place of --since: from this time on, 2026-11-29 or 2026-11-29T14:05 (UTC)."),
]
ToOption = Annotated[str | None, typer.Option("--to", help="With --from: up to this time; a day means its end.")]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def parse_duration(since: str) -> int:
    """The seconds of a text such as 15m. Raises CommandError."""
    found = re.fullmatch(r"(\d+)([smhdw])", since)
    if not found:
        raise CommandError(f"--since is {since!r}; write a number and a unit, such as 15m, 3h or 7d")
    return int(found[1]) * _UNITS[found[2]]


def parse_period(since: str, start: str | None, end: str | None, now: datetime) -> Window:
    """The stretch of time from `start` to `end`, or since so long ago. Raises CommandError."""
    if start is None:
        if end is not None:
            raise CommandError("--to needs --from.")
        # Records are written after `now` was taken, by other clocks too.
        return Window(now - timedelta(seconds=parse_duration(since)), now + timedelta(minutes=1))
    first = _parse_moment("--from", start)
    last = now + timedelta(minutes=1) if end is None else _parse_moment("--to", end)
    if end is not None and _DAY.fullmatch(end):
        last += timedelta(days=1)
    if last <= first:
        raise CommandError(f"--from {start} isn't before {f'--to {end}' if end else 'now'}.")
    return Window(first, last)


def _parse_moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option} is {text!r}; write a day or a time, such as 2026-11-29T14:05") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
