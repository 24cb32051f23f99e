"""Windows of a stream, by number."""

from datetime import date, timedelta


def day(number: int) -> str:
    """The name of a day's window."""
    return str(date(2026, 1, 1) + timedelta(number))
