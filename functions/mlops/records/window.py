"""Stretches of time in UTC: half open, so that neighbours share nothing and leave nothing out."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_ID = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d))?")


@dataclass(frozen=True)
class Window:
    """From `start` up to but not including `end`, both with a time zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window's bounds need a time zone")
        if self.end < self.start:
            raise ValueError(f"a window can't end at {self.end}, before its start at {self.start}")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @classmethod
    def parse(cls, window_id: str) -> "Window":
        """The day "2026-11-29" or the hour "2026-11-29T14". Raises ValueError for any other text."""
        match = _ID.fullmatch(window_id)
        if match is None:
            raise ValueError(f"a window is a day (2026-11-29) or an hour (2026-11-29T14), not {window_id!r}")
        if match[2] is None:
            return cls.of_day(date.fromisoformat(match[1]))
        return cls.of_hour(datetime.fromisoformat(f"{match[1]}T{match[2]}:00:00+00:00"))

    @classmethod
    def of_day(cls, day: date) -> "Window":
        """A whole day."""
        start = datetime.combine(day, time(), UTC)
        return cls(start, start + _DAY)

    @classmethod
    def of_hour(cls, moment: datetime) -> "Window":
        """The whole hour that the moment lies in."""
        start = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return cls(start, start + _HOUR)

    @property
    def id(self) -> str:
        """The text that `parse` reads. Raises ValueError unless the window is a whole day or hour."""
        if self == Window.of_day(self.start.date()):
            return self.start.date().isoformat()
        if self == Window.of_hour(self.start):
            return self.start.strftime("%Y-%m-%dT%H")
        raise ValueError(f"{self.start} to {self.end} is neither a whole day nor a whole hour")

    @property
    def days(self) -> list[date]:
        """The days that the window touches, in order."""
        if self.end == self.start:
            return []
        first = self.start.date()
        last = (self.end - timedelta(microseconds=1)).date()
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end
