"""What is wrong with a query or a filter pattern, in words that name the cause."""


class MalformedQuery(Exception):
    """A Logs Insights query that can't be run; `start` and `end` are character offsets into its text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(f"{message} (at character {start + 1})")
        self.message = message
        self.start = start
        self.end = end


class MalformedPattern(Exception):
    """A filter pattern that can't be compiled."""
