"""One call of a sandbox, from the event to the report."""

import base64
import json
import math
import re
import selectors
import time
from dataclasses import dataclass

from localaws.clock import Clock
from localaws.runtime import report
from localaws.runtime.channel import Pipe, StepPipe
from localaws.runtime.connection import EmulatorConnection
from localaws.runtime.function import Call, FunctionConfig, Invocation
from localaws.runtime.memory import memory_kb
from localaws.runtime.output import LogLine, OutputParser

_PATH = "/2015-03-31/functions/function/invocations"
_SAMPLE_SECONDS = 0.05
_QUICK_SECONDS = 0.005


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a call ended: `clean` if the process can take another one. `status` is None after a timeout.

    `out_of_memory`: the function exceeded its memory. AWS kills its process then, whatever it returns.
    """

    clean: bool
    status: int | None
    body: bytes
    out_of_memory: bool = False


_OUT_OF_MEMORY = Outcome(clean=False, status=0, body=b"", out_of_memory=True)


class Exchange:
    """Sends one event to the emulator and monitors the function's process until the call ends."""

    def __init__(self, config: FunctionConfig, log_stream: str, call: Call, clock: Clock, *, cold: bool) -> None:
        self._config = config
        self._clock = clock
        self._log_stream = log_stream
        self._call = call
        self._lines: list[LogLine] = []
        self._start_line = (
            report.start_record(call.request_id, config.version, self._now_ms())
            if config.json_logs
            else report.start_line(call.request_id, config.version)
        )
        self._sent = time.monotonic()
        self._deadline = self._sent + config.timeout + (config.init_seconds if cold else 0)
        self._ready: float | None = None if cold else self._sent
        self._cold = cold
        self._began: float | None = None
        self._duration_ms: float | None = None
        self._error: str | None = None
        self._pid: int | None = None
        self._peak_kb = 0

    def run(
        self,
        connection: EmulatorConnection,
        steps: StepPipe,
        output: Pipe,
        parser: OutputParser,
        selector: selectors.BaseSelector,
    ) -> Outcome:
        """Send the event and wait for the response, the end of the process, or the timeout.

        `selector` selects on the connection and the output.
        """
        try:
            if not self._cold:
                # Output since the last call is logged before this call's lines.
                now = self._now_ms()
                self._lines += [*parser.feed(output.read(), now), parser.stamp(self._start_line, now)]
            self._send(connection)
            sampled = self._sent
            # The output of a quick function is read after its response, so that reading doesn't delay it.
            quick = connection.answers_within(_QUICK_SECONDS)
            while True:
                left = self._deadline - time.monotonic()
                if left <= 0:
                    self._sample_memory()
                    return Outcome(clean=False, status=None, body=b"")
                ready = [] if quick else [key.fileobj for key, _ in selector.select(min(left, _SAMPLE_SECONDS))]
                answer = connection.receive() if quick or connection in ready else None
                quick = False
                # Steps are written before the response, so all of them can be read after it.
                self._follow(steps)
                if output in ready:
                    self._lines += parser.feed(output.read(), self._now_ms())
                if answer is not None:
                    if self._over_memory():
                        return _OUT_OF_MEMORY
                    clean = answer.status == 200 and self._duration_ms is not None
                    return Outcome(clean=clean, status=answer.status, body=answer.body)
                if time.monotonic() - sampled >= _SAMPLE_SECONDS:
                    self._sample_memory()
                    if self._over_memory():
                        return _OUT_OF_MEMORY
                    sampled = time.monotonic()
        except OSError:
            # The emulator crashed, or the pool was closed.
            return Outcome(clean=False, status=0, body=b"")

    def conclude(self, outcome: Outcome, output: Pipe, parser: OutputParser) -> Invocation:
        """Convert the outcome to the result and the log lines that AWS would return."""
        self._lines += [*parser.feed(output.read(), self._now_ms()), *parser.flush(self._now_ms())]
        if self._cold and self._began is None:
            # Init failed, so the function never received the event.
            self._lines.append(parser.stamp(self._start_line, self._now_ms()))
        timed_out = outcome.status is None
        duration = self._duration(timed_out=timed_out)
        init = (self._ready - self._sent) * 1000 if self._cold and self._ready is not None else None
        payload, error, failure = self._answer(outcome)
        request_id, memory = self._call.request_id, min(math.ceil(self._peak_kb / 1024), self._config.memory)
        lines = [report.timeout_line(request_id, self._config.timeout, self._now_ms())] if timed_out else []
        if failure in ("Runtime.ExitError", "Runtime.OutOfMemory"):
            lines.append(f"{json.loads(payload)['errorMessage']}\nRuntime.ExitError")
        ended = "timeout" if timed_out else failure
        if self._config.json_logs:
            size, now = self._config.memory, self._now_ms()
            lines.append(report.report_record(request_id, duration, size, memory, init, ended, now))
        else:
            lines.append(report.end_line(request_id))
            lines.append(report.report_line(request_id, duration, self._config.memory, memory, init, ended))
        self._lines += [parser.stamp(line, self._now_ms()) for line in lines]
        return Invocation(
            request_id=request_id,
            payload=payload,
            error=error,
            duration_ms=duration,
            billed_ms=report.billed_ms(duration, init),
            init_ms=init,
            max_memory_mb=memory,
            log_stream=self._log_stream,
            log=tuple(self._lines),
        )

    def _now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return int(self._clock.now() * 1000)

    def _send(self, connection: EmulatorConnection) -> None:
        facts = {
            "request_id": self._call.request_id,
            "arn": self._call.arn,
            "trace": self._call.trace,
            "client_context": self._call.client_context,
            "timeout_ms": int(self._config.timeout * 1000),
            "clock_ahead": self._clock.offset,
            # The function's process writes the START line, since only it knows where the output of init ends.
            "start_line": self._start_line if self._cold else None,
        }
        header = base64.b64encode(json.dumps(facts).encode()).decode()
        connection.send(_PATH, self._call.payload, header)

    def _follow(self, steps: StepPipe) -> None:
        for step in steps.steps():
            self._pid, self._peak_kb = step.pid, max(self._peak_kb, step.peak_kb)
            if step.event == "ready":
                self._ready = step.moment
            elif step.event == "start":
                self._began = step.moment
                self._deadline = self._began + self._config.timeout
            elif step.event == "end":
                self._duration_ms, self._error = step.ms, step.error

    def _duration(self, *, timed_out: bool) -> float:
        if timed_out:
            return self._config.timeout * 1000.0
        if self._duration_ms is not None:
            return self._duration_ms
        return (time.monotonic() - (self._began or self._sent)) * 1000

    def _answer(self, outcome: Outcome) -> tuple[bytes, str | None, str | None]:
        """The payload, the function error, and the error type if the process itself failed."""
        request_id = self._call.request_id
        if outcome.status is None:
            problem = f"Task timed out after {self._config.timeout:.2f} seconds"
            return report.error_payload(request_id, "Sandbox.Timedout", problem), "Unhandled", "Sandbox.Timedout"
        if outcome.out_of_memory:
            problem = "Runtime exited with error: signal: killed"
            return report.error_payload(request_id, "Runtime.OutOfMemory", problem), "Unhandled", "Runtime.OutOfMemory"
        if outcome.clean:
            return outcome.body, self._error, None
        try:
            found = json.loads(outcome.body)
            kind, message = found["errorType"], found["errorMessage"]
        except (ValueError, TypeError, KeyError):
            problem = "Runtime exited without providing a reason"
            return report.error_payload(request_id, "Runtime.ExitError", problem), "Unhandled", "Runtime.ExitError"
        found["errorMessage"] = re.sub(r"^RequestId: \S+", f"RequestId: {request_id}", message)
        if "requestId" in found:
            found["requestId"] = request_id
        return json.dumps(found).encode(), "Unhandled", str(kind)

    def _over_memory(self) -> bool:
        return self._peak_kb > self._config.memory * 1024

    def _sample_memory(self) -> None:
        """Sample the memory of the function's process, which may be killed before reporting it, and its children."""
        if self._pid is not None:
            self._peak_kb = max(self._peak_kb, memory_kb(self._pid))
