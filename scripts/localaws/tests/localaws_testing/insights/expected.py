"""What queries show, written as rows."""

from __future__ import annotations

from localaws_testing.insights.logs import Lines

type Rows = list[dict[str, str]]
type Query = tuple[Lines, str, Rows]


def at(minute: int, second: int = 0, hour: int = 10) -> str:
    return f"2026-11-23 {hour}:{minute:02}:{second:02}.000"


def whole(lines: Lines, *places: int) -> Rows:
    """The rows that show an event's time and message: what a query without fields gives."""
    picked = [lines[place] for place in places]
    return [{"@timestamp": at(second // 60 % 60, second % 60, 10 + second // 3600), "@message": text}
            for second, text in picked]  # fmt: skip
