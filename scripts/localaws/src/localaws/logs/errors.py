"""Errors in queries and filter patterns; each message has the cause."""


class MalformedQuery(Exception):
    """An invalid or unsupported Logs Insights query; `start` and `end` are character offsets into its text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(f"{message} (at character {start + 1})")
        self.message = message
        self.start = start
        self.end = end


class MalformedPattern(Exception):
    """An invalid filter pattern."""
