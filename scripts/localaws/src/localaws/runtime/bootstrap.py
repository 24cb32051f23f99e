"""Runs a handler in a sandbox with AWS's runtime interface client, and reports its progress to the sandbox.

The emulator runs it as a program; only the standard library and awslambdaric can be imported. It replaces the
emulator's request id, ARN, trace and deadline by those of the caller, and writes one JSON line to the control pipe at
each step (see `channel.Step`). Output goes to the log pipe, in frames where the runtime logs.
"""

import base64
import importlib.util
import json
import os
import site
import sys
import time
from contextlib import nullcontext
from typing import Any

# Paths of pipes, not descriptors: the emulator may reuse inherited descriptors.
CONTROL_PIPE = "LOCALAWS_CONTROL_PIPE"
LOG_PIPE = "LOCALAWS_LOG_PIPE"
# Read by the emulator; unknown to functions on AWS.
EMULATOR_TIMEOUT = "AWS_LAMBDA_FUNCTION_TIMEOUT"
# Read by the emulator, like every Go program, so the function's own value is passed under another name.
EMULATOR_THREADS = "GOMAXPROCS"
FUNCTION_THREADS = "LOCALAWS_GOMAXPROCS"
# Files of the modules that set a process's clock, and the seconds by which the clock is ahead at the start.
CLOCK_MODULES = ("_time_machine", "time_machine")
CLOCK_LIBRARY = "LOCALAWS_CLOCK_LIBRARY"
CLOCK_AHEAD = "LOCALAWS_CLOCK_AHEAD"


def open_status() -> int | None:
    """Open /proc/self/status, to be read at each step; None if there's no /proc."""
    try:
        return os.open("/proc/self/status", os.O_RDONLY)
    except OSError:
        return None


def peak_memory_kb(status: int | None) -> int:
    """The peak memory of this process in KiB."""
    fields = os.pread(status, 8192, 0) if status is not None else b""
    try:
        return int(fields[fields.index(b"VmHWM:") + 6 :].split(None, 1)[0])
    except ValueError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


class Control:
    """The write end of the pipe that reports the function's steps to the sandbox."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._status = descriptor, open_status()

    def report(self, event: str, **details: object) -> None:
        """Write one step; it's short enough for an atomic write."""
        facts = {
            "event": event,
            "moment": time.monotonic(),
            "pid": os.getpid(),
            "peak_kb": peak_memory_kb(self._status),
        }
        line = json.dumps(facts | details)
        os.write(self._descriptor, line.encode() + b"\n")


class ProcessClock:
    """Sets the clock of this process's Python code: `time`, `datetime` and what uses them, but no timers.

    While it's the machine's clock, nothing is loaded or replaced.
    """

    def __init__(self, files: list[str]) -> None:
        self._files = files
        self._ahead = 0.0
        self._traveller: Any = None

    def set_ahead(self, seconds: float) -> None:
        """Set the clock to the machine's time plus `seconds`."""
        if self._traveller is None and seconds:
            self._traveller = self._load().travel(time.time() + seconds).start()
            time.time()  # it runs from the first time that it's read
        elif self._traveller is not None:
            self._traveller.shift(seconds - self._ahead)
        self._ahead = seconds

    def _load(self) -> Any:
        """Load the modules from their files, as functions can't import the packages of local AWS."""
        for name, file in zip(CLOCK_MODULES, self._files, strict=True):
            spec = importlib.util.spec_from_file_location(name, file)
            assert spec is not None
            assert spec.loader is not None
            sys.modules[name] = module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        return sys.modules[CLOCK_MODULES[-1]]


def route_output() -> tuple[int, Control]:
    """Redirect all output, including that of C code and child processes, to the log pipe; returns both pipes."""
    log, control = (os.open(os.environ.pop(name), os.O_WRONLY) for name in (LOG_PIPE, CONTROL_PIPE))
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(log)
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    return log, Control(control)


def hide_the_emulators_settings() -> None:
    """Remove the emulator's settings from the function's environment."""
    for name in (EMULATOR_TIMEOUT, EMULATOR_THREADS):
        os.environ.pop(name, None)
    if own := os.environ.pop(FUNCTION_THREADS, None):
        os.environ[EMULATOR_THREADS] = own


def main(handler: str) -> None:
    """Serve invocations until the process is killed."""
    log, control = route_output()
    control.report("begun")
    clock = ProcessClock(os.environ.pop(CLOCK_LIBRARY).split(os.pathsep))
    clock.set_ahead(float(os.environ.pop(CLOCK_AHEAD)))
    hide_the_emulators_settings()
    # The builtins of the `site` module, without its search for packages.
    site.setquit()
    site.sethelper()

    from awslambdaric import bootstrap  # type: ignore[import-untyped]
    from awslambdaric.lambda_config import LambdaConfigProvider  # type: ignore[import-untyped]
    from awslambdaric.lambda_runtime_client import InvocationRequest, LambdaRuntimeClient  # type: ignore[import-untyped]

    class Client(LambdaRuntimeClient):  # type: ignore[misc]
        """The runtime interface client, with the caller's ids instead of the emulator's."""

        _ready = False
        _emulator_id = ""
        _began = 0
        # The same pipe that the function writes to, so that the START line comes before the function's output.
        _log = bootstrap.FramedTelemetryLogSink(os.dup(log)).__enter__()

        def wait_next_invocation(self) -> InvocationRequest:
            if not self._ready:
                self._ready = True
                control.report("ready")
            request = super().wait_next_invocation()
            # The emulator passes on the client context unchanged, so it carries the caller's values.
            call = json.loads(request.client_context)
            self._emulator_id = request.invoke_id
            clock.set_ahead(call["clock_ahead"])
            request.invoke_id = call["request_id"]
            request.invoked_function_arn = call["arn"]
            request.x_amzn_trace_id = call["trace"]
            request.client_context = call["client_context"] and base64.b64decode(call["client_context"]).decode()
            request.deadline_time_in_ms = time.time_ns() // 1_000_000 + call["timeout_ms"]
            if call["start_line"]:
                self._log.log(call["start_line"])
            control.report("start")
            self._began = time.perf_counter_ns()
            return request

        def post_init_error(self, *report: Any) -> None:
            control.report("failed")
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
            control.report("end", error=error, ms=(time.perf_counter_ns() - self._began) / 1e6)

    config = LambdaConfigProvider(["", handler])
    client = Client(config.api_address, config.use_thread_polling)
    if config.use_thread_polling:
        # The client would start a thread for each call: one thread is enough for all of them.
        poller = nullcontext(client.ThreadPoolExecutor(max_workers=1))
        client.ThreadPoolExecutor = lambda **_: poller
    bootstrap.run(handler, client)


if __name__ == "__main__":
    main(sys.argv[1])
