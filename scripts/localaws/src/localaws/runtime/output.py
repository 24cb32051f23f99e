"""Splits a function's output into log events."""

from dataclasses import dataclass

# A frame of awslambdaric, big-endian: type (4 bytes, with this prefix), length (4), microseconds (8), message.
_FRAME = b"\xa5\x5a\x00"
_HEADER = 16


@dataclass(frozen=True)
class LogLine:
    """One log event: milliseconds since the epoch, and the text without a line break at its end."""

    timestamp: int
    message: str


class OutputParser:
    """Parses bytes into log events: one per line, and one per frame, even if it has several lines.

    Timestamps never decrease, since CloudWatch sorts by them.
    """

    def __init__(self) -> None:
        self._pending = b""
        self._latest = 0

    def feed(self, chunk: bytes, now_ms: int) -> list[LogLine]:
        """The complete events so far."""
        self._pending += chunk
        events: list[LogLine] = []
        while self._pending:
            if self._pending.startswith(_FRAME):
                end = _HEADER + int.from_bytes(self._pending[4:8], "big")
                if len(self._pending) < max(end, _HEADER):
                    break
                self._add(events, int.from_bytes(self._pending[8:16], "big") // 1000, self._pending[_HEADER:end])
            else:
                newline, frame = self._pending.find(b"\n"), self._pending.find(_FRAME)
                if newline < 0 and frame < 0:
                    break
                frame_first = frame >= 0 and (newline < 0 or frame < newline)
                end = frame if frame_first else newline + 1
                self._add(events, now_ms, self._pending[:end])
            self._pending = self._pending[end:]
        return events

    def flush(self, now_ms: int) -> list[LogLine]:
        """The remaining unfinished line as an event."""
        events: list[LogLine] = []
        if self._pending:
            self._add(events, now_ms, self._pending)
            self._pending = b""
        return events

    def stamp(self, message: str, now_ms: int) -> LogLine:
        """An event of the platform, in order with those of the function."""
        self._latest = max(self._latest, now_ms)
        return LogLine(self._latest, message)

    def _add(self, events: list[LogLine], timestamp: int, message: bytes) -> None:
        text = message.decode("utf-8", errors="replace").rstrip("\r\n")
        if text:
            events.append(self.stamp(text, timestamp))
