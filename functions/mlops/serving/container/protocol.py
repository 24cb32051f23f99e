"""The limits of a connection, which Uvicorn doesn't have: how many there are, and how long a client may take.

Uvicorn waits for a request's headers and body, and for an answer to be taken, as long as the connection lives.
"""

from asyncio import TimerHandle, Transport
from typing import Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mlops.serving.container.refusals import (
    BODY_TOO_SLOW,
    HEADERS_TOO_LARGE,
    HEADERS_TOO_SLOW,
    TOO_MANY_CONNECTIONS,
    Refusal,
    RefusalLog,
)
from mlops.serving.container.settings import ContainerSettings

RATE_SECONDS = 5.0
"""The time over which a body's rate is measured."""
LATE_SECONDS = 0.25
"""A timer that fires later than this was held up by the server itself: what the client sent may be waiting unread."""
LINGER_SECONDS = 1.0
"""How long a refused client may read its answer; a connection closed at once could take the answer with it."""
MAX_LINGERING = 100
"""Refused connections that may linger at once; others are closed without an answer."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection within the limits of `config.settings`, a server.LimitedConfig's.

    Its request is in one of two phases or, between requests, in none: "headers" from the first byte, or from the
    connection's beginning, to the last header, then "body" to the last byte.
    """

    _settings: ContainerSettings
    _log: RefusalLog
    _lingering: "set[LimitedProtocol]"
    _phase: Literal["headers", "body"] | None = None
    _has_begun = False
    _is_refused = False
    _received = 0
    _body_seconds_left = 0.0
    _read_timer: TimerHandle | None = None
    _answer_timer: TimerHandle | None = None
    _answers = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Start to wait for headers, or refuse the connection if there are as many as there may be."""
        super().connection_made(transport)
        self._settings, self._log, self._lingering = self.config.limits  # type: ignore[attr-defined]
        if len(self.connections) > self._settings.max_connections:
            self._refuse(TOO_MANY_CONNECTIONS)
        else:
            self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._lingering.discard(self)
        self._stop_reading_timer()
        if self._answer_timer:
            self._answer_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count and parse what has arrived; what comes after a refusal is thrown away."""
        if self._is_refused:
            return
        if self._phase is None:
            self._await_headers()
        self._received += len(data)
        super().data_received(data)
        if self._phase == "headers" and self._received > self._settings.max_header_bytes:
            self._refuse(HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request's first byte was parsed."""
        super().on_message_begin()
        if self._phase is None:
            self._await_headers()
        self._has_begun = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; what follows a body in chunks (trailers) is of no use here, and has no limit."""
        if self._phase == "headers":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to wait for the body."""
        super().on_headers_complete()
        self._phase = "body"
        self._received = 0
        self._body_seconds_left = self._settings.body_seconds
        self._start_reading_timer()

    def on_message_complete(self) -> None:
        """The request is here; nothing more is expected of the client before its answer."""
        super().on_message_complete()
        self._phase = None
        self._stop_reading_timer()

    def on_response_complete(self) -> None:
        """Start to wait for the client to take the answer."""
        self._answers += 1
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._start_answer_timer()

    def pause_writing(self) -> None:
        """The client is slower than the application: start to wait for it."""
        super().pause_writing()
        self._start_answer_timer()

    def resume_writing(self) -> None:
        """The client has taken most of what there was; once the answer is complete it is waited for to the end."""
        super().resume_writing()
        if self._answer_timer and self.cycle and not self.cycle.response_complete:
            self._answer_timer.cancel()
            self._answer_timer = None

    def _await_headers(self) -> None:
        self._phase = "headers"
        self._has_begun = False
        self._received = 0
        self._start_reading_timer()

    def _start_reading_timer(self) -> None:
        self._stop_reading_timer()
        settings = self._settings
        seconds = settings.header_seconds if self._phase == "headers" else min(RATE_SECONDS, self._body_seconds_left)
        due = self.loop.time() + seconds
        self._read_timer = self.loop.call_later(seconds, self._judge_reading, seconds, due, self._received)

    def _stop_reading_timer(self) -> None:
        if self._read_timer:
            self._read_timer.cancel()
            self._read_timer = None

    def _judge_reading(self, seconds: float, due: float, received: int) -> None:
        """The time for headers, or a part of that for a body, is over; `received` bytes were here when it began."""
        if self.flow.read_paused or self.loop.time() > due + LATE_SECONDS:
            # The server kept the client waiting, so the client has the time again.
            self._start_reading_timer()
            return
        if self._phase == "headers":
            if self._has_begun:
                self._refuse(HEADERS_TOO_SLOW)
            else:
                self.transport.close()
            return
        self._body_seconds_left -= seconds
        is_slow = self._received - received < self._settings.min_body_rate * seconds
        if is_slow or self._body_seconds_left <= 0:
            self._refuse(BODY_TOO_SLOW)
        else:
            self._start_reading_timer()

    def _start_answer_timer(self) -> None:
        if not self._answer_timer:
            seconds = self._settings.answer_seconds
            self._answer_timer = self.loop.call_later(seconds, self._judge_answer, self._answers)

    def _judge_answer(self, answers: int) -> None:
        """The time for an answer to be taken is over; `answers` were complete when it began."""
        self._answer_timer = None
        if not self.transport.get_write_buffer_size():
            return
        if answers == self._answers:
            self.transport.abort()
        else:
            self._start_answer_timer()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, unless another answer has begun, and close the connection."""
        may_answer = self._may_answer()
        self._is_refused = True
        self._phase = None
        self._stop_reading_timer()
        self._log.refused(refusal)
        # It no longer counts: it neither keeps others out nor holds up the server's end.
        self.connections.discard(self)
        if self.cycle is not None and not self.cycle.response_complete:
            # The application is told that the client is gone, and its answer goes nowhere.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not may_answer or len(self._lingering) >= MAX_LINGERING:
            self.transport.abort()
            return
        self._lingering.add(self)
        self.transport.write(refusal.to_http())
        self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _may_answer(self) -> bool:
        """Whether no answer to this request has begun, and none to an earlier one is still to come."""
        if self.pipeline:
            return False
        cycle: RequestResponseCycle | None = self.cycle  # that of the request before, while headers arrive
        if cycle is None:
            return True
        return cycle.response_complete if self._phase == "headers" else not cycle.response_started
