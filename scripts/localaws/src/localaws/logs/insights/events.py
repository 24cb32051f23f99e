"""Log events as a query reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One log event. Times are milliseconds since 1970; `log` is `<account>:<group>`; `pointer` identifies it."""

    timestamp: int
    message: str
    stream: str
    log: str
    ingested: int
    pointer: str
