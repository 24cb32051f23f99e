"""Runs a handler inside a sandbox with AWS's runtime interface client, and tells the sandbox what the emulator can't.

Run as a program by the emulator; only the standard library and awslambdaric are there. It gives the function the
request id, ARN, trace and deadline that its caller knows (the emulator makes up its own), and writes one JSON line to
the control pipe at each step (see `channel.Step`). Output goes to the log pipe, framed where the runtime logs.
"""

import base64
import json
import os
import site
import sys
import time
from contextlib import nullcontext
from typing import Any

# Names of pipes, not descriptors: the emulator is free to reuse descriptors that it inherits.
CONTROL_PIPE = "LOCALAWS_CONTROL_PIPE"
LOG_PIPE = "LOCALAWS_LOG_PIPE"
# Read by the emulator; unknown to functions on AWS.
EMULATOR_TIMEOUT = "AWS_LAMBDA_FUNCTION_TIMEOUT"
# Read by the emulator as by every Go program, so the function's own, if it has one, comes by another name.
EMULATOR_THREADS = "GOMAXPROCS"
FUNCTION_THREADS = "LOCALAWS_GOMAXPROCS"


def open_status() -> int | None:
    """Open what the system tells of this process, to be read at each step; None where it doesn't tell."""
    try:
        return os.open("/proc/self/status", os.O_RDONLY)
    except OSError:
        return None


def peak_memory_kb(status: int | None) -> int:
    """Give the most memory that this process has held, in KiB."""
    told = os.pread(status, 8192, 0) if status is not None else b""
    try:
        return int(told[told.index(b"VmHWM:") + 6 :].split(None, 1)[0])
    except ValueError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


class Control:
    """The write end of the pipe that tells the sandbox where the function is."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._status = descriptor, open_status()

    def tell(self, event: str, **details: object) -> None:
        """Write one event; short enough to reach the pipe in one piece."""
        facts = {
            "event": event,
            "moment": time.monotonic(),
            "pid": os.getpid(),
            "peak_kb": peak_memory_kb(self._status),
        }
        line = json.dumps(facts | details)
        os.write(self._descriptor, line.encode() + b"\n")


def route_output() -> tuple[int, Control]:
    """Send all that the function writes, C code and child processes included, to the log pipe, and give that."""
    log, control = (os.open(os.environ.pop(name), os.O_WRONLY) for name in (LOG_PIPE, CONTROL_PIPE))
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(log)
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    return log, Control(control)


def hide_the_emulators_settings() -> None:
    """Take what is meant for the emulator out of the function's environment."""
    for name in (EMULATOR_TIMEOUT, EMULATOR_THREADS):
        os.environ.pop(name, None)
    if own := os.environ.pop(FUNCTION_THREADS, None):
        os.environ[EMULATOR_THREADS] = own


def main(handler: str) -> None:
    """Serve invocations until the process is ended."""
    log, control = route_output()
    control.tell("begun")
    hide_the_emulators_settings()
    # What the `site` module would add to the builtins, without its search for packages.
    site.setquit()
    site.sethelper()

    from awslambdaric import bootstrap  # type: ignore[import-untyped]
    from awslambdaric.lambda_config import LambdaConfigProvider  # type: ignore[import-untyped]
    from awslambdaric.lambda_runtime_client import InvocationRequest, LambdaRuntimeClient  # type: ignore[import-untyped]

    class Client(LambdaRuntimeClient):  # type: ignore[misc]
        """The runtime interface client, with the caller's ids for the emulator's."""

        _ready = False
        _emulator_id = ""
        _began = 0
        # The same pipe that the function writes to, so that this line stands before the function's own.
        _log = bootstrap.FramedTelemetryLogSink(os.dup(log)).__enter__()

        def wait_next_invocation(self) -> InvocationRequest:
            if not self._ready:
                self._ready = True
                control.tell("ready")
            request = super().wait_next_invocation()
            # The emulator passes the client context on untouched, so the caller's facts travel in it.
            call = json.loads(request.client_context)
            self._emulator_id = request.invoke_id
            request.invoke_id = call["request_id"]
            request.invoked_function_arn = call["arn"]
            request.x_amzn_trace_id = call["trace"]
            request.client_context = call["client_context"] and base64.b64decode(call["client_context"]).decode()
            request.deadline_time_in_ms = time.time_ns() // 1_000_000 + call["timeout_ms"]
            if call["start_line"]:
                self._log.log(call["start_line"])
            control.tell("start")
            self._began = time.perf_counter_ns()
            return request

        def post_init_error(self, *report: Any) -> None:
            control.tell("failed")
            super().post_init_error(*report)

        def post_invocation_result(
            self, _own_id: str, result_data: str | bytes, content_type: str = "application/json", *rest: Any
        ) -> None:
            self._end(None)
            super().post_invocation_result(self._emulator_id, result_data, content_type, *rest)

        def post_invocation_error(self, _own_id: str, error_response_data: str, xray_fault: str, *rest: Any) -> None:
            self._end("Unhandled")
            super().post_invocation_error(self._emulator_id, error_response_data, xray_fault, *rest)

        def _end(self, error: str | None) -> None:
            control.tell("end", error=error, ms=(time.perf_counter_ns() - self._began) / 1e6)

    config = LambdaConfigProvider(["", handler])
    client = Client(config.api_address, config.use_thread_polling)
    if config.use_thread_polling:
        # The client would start a thread for each call, and wait for its end: one serves them all.
        poller = nullcontext(client.ThreadPoolExecutor(max_workers=1))
        client.ThreadPoolExecutor = lambda **_: poller
    bootstrap.run(handler, client)


if __name__ == "__main__":
    main(sys.argv[1])
