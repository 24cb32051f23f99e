"""How far a command looks back, or from when to when it looks."""

import re
from collections.abc import Callable
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

MOST_DAYS = 36_500
"""Of a duration: no date that is so far from now leaves the calendar."""
_YEARS = range(1970, 9000)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def parse_duration(text: str, option: str = "--since") -> int:
    """The seconds of a text such as 15m, at most those of MOST_DAYS. Raises CommandError."""
    found = re.fullmatch(r"([0-9]{1,12})([smhdw])", text)
    if not found:
        raise CommandError(f"{option} is {text!r}; write a number and a unit, such as 15m, 3h or 7d")
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > MOST_DAYS * _UNITS["d"]:
        raise CommandError(f"{option} is {text!r}; write at most {MOST_DAYS}d")
    return seconds


def parse_period(since: str, start: str | None, end: str | None, now: Callable[[], datetime]) -> Window:
    """The stretch of time from `start` to `end`, or since so long ago by the clock `now`. Raises CommandError."""
    if start is None:
        if end is not None:
            raise CommandError("--to needs --from.")
        lasts = timedelta(seconds=parse_duration(since))
        moment = now()
        return Window(moment - lasts, soon(moment))
    first = parse_moment("--from", start)
    last = soon(now()) if end is None else parse_moment("--to", end)
    if end is not None and _DAY.fullmatch(end):
        last += timedelta(days=1)
    if last <= first:
        raise CommandError(f"--from {start} isn't before {f'--to {end}' if end else 'now'}.")
    return Window(first, last)


def soon(now: datetime) -> datetime:
    """A minute from now: records are written after the time was taken, by other clocks too."""
    return now + timedelta(minutes=1)


def show_moment(moment: datetime) -> str:
    """The time to the second, as people read it: 2026-11-29 14:05:30 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def parse_moment(option: str, text: str) -> datetime:
    """The moment that an option gives; UTC unless it has an offset. Raises CommandError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option} is {text!r}; write a day or a time, such as 2026-11-29T14:05") from None
    if moment.year not in _YEARS:
        raise CommandError(f"{option} is {text!r}; write a year from {_YEARS[0]} to {_YEARS[-1]}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
