"""One execution environment: the emulator and the function's process, for one call at a time."""

import contextlib
import os
import secrets
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from localaws.clock import Clock
from localaws.runtime import bootstrap
from localaws.runtime.channel import Pipe, StepPipe
from localaws.runtime.connection import EmulatorConnection
from localaws.runtime.environment import sandbox_environment
from localaws.runtime.errors import SandboxNotStarted
from localaws.runtime.function import Call, FunctionConfig, Invocation
from localaws.runtime.invoke import Exchange
from localaws.runtime.output import OutputParser
from localaws.runtime.ports import ReservedPorts
from localaws.runtime.reaper import Reaper

_PATIENCE = 15.0
# The sandbox enforces the timeout, from the moment the function receives the event; the emulator would include init.
_EMULATOR_TIMEOUT = 86_400


class Sandbox:
    """An execution environment of one function version; not safe for two calls at once.

    After a call, `healthy` is whether it can take another one: not if its process ended, timed out or failed to start.
    """

    def __init__(
        self, config: FunctionConfig, home: Path, runtime: Path, emulator: Path, reaper: Reaper, clock: Clock
    ) -> None:
        self._config = config
        self._reaper, self._clock = reaper, clock
        self.healthy = True
        today = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y/%m/%d")
        self.log_stream = f"{today}/[{config.version}]{secrets.token_hex(16)}"
        home.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{config.name[:40]}.", dir=home))
        self._ports = ReservedPorts(2)
        self._steps = StepPipe(self._scratch / "control")
        self._output = Pipe(self._scratch / "log")
        self._parser = OutputParser()
        self._started = False
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: EmulatorConnection | None = None
        self._selector = selectors.DefaultSelector()
        try:
            self._start(runtime, emulator)
        except BaseException:
            self.close()
            raise

    def invoke(self, call: Call) -> Invocation:
        """Run the function once; every outcome, including a crash, is an Invocation."""
        assert self._connection is not None
        exchange = Exchange(self._config, self.log_stream, call, self._clock, cold=not self._started)
        self._started = True
        outcome = exchange.run(self._connection, self._steps, self._output, self._parser, self._selector)
        if not outcome.clean:
            self.healthy = False
            self._end_processes()
        return exchange.conclude(outcome, self._output, self._parser)

    def close(self) -> None:
        """Kill the processes and remove the sandbox's files."""
        self.healthy = False
        self._end_processes()
        self._selector.close()
        self._steps.close()
        self._output.close()
        self._ports.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def interrupt(self) -> None:
        """Kill the processes, from any thread; a running call ends with an error."""
        self.healthy = False
        if self._process is not None:
            self._reaper.stop(self._process)

    def _start(self, runtime: Path, emulator: Path) -> None:
        temporary = self._scratch / "tmp"
        temporary.mkdir()
        task = self._config.code
        if task is None:
            assert self._config.image is not None
            task = self._config.image.lay_out(self._scratch / "task")
        variables = sandbox_environment(self._config, task, runtime, temporary, self.log_stream, os.environ)
        invoke_port, api_port = self._ports.numbers
        with (self._scratch / "emulator.log").open("wb") as log:
            self._process = self._reaper.spawn(
                [
                    str(emulator),
                    *("--log-level", "error"),
                    *("--runtime-interface-emulator-address", f"127.0.0.1:{invoke_port}"),
                    *("--runtime-api-address", f"127.0.0.1:{api_port}"),
                    # The base interpreter without `site`: packages of this environment can't be imported.
                    *(sys._base_executable, "-S", "-P", bootstrap.__file__, self._config.entry),  # type: ignore[attr-defined]
                ],
                env={
                    **variables,
                    bootstrap.CONTROL_PIPE: str(self._scratch / "control"),
                    bootstrap.LOG_PIPE: str(self._scratch / "log"),
                    bootstrap.CLOCK_LIBRARY: os.pathsep.join(map(_file_of, bootstrap.CLOCK_MODULES)),
                    bootstrap.CLOCK_AHEAD: str(self._clock.offset),
                    bootstrap.EMULATOR_TIMEOUT: str(_EMULATOR_TIMEOUT),
                    # One thread: there's one call at a time, and idle threads of Go would spin.
                    bootstrap.EMULATOR_THREADS: "1",
                    bootstrap.FUNCTION_THREADS: variables.get(bootstrap.EMULATOR_THREADS, ""),
                },
                cwd=task,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._connection = self._connect(self._process, invoke_port)
        # Steps contain their time, so they needn't be selected on.
        for source in (self._connection, self._output):
            self._selector.register(source, selectors.EVENT_READ)

    def _connect(self, process: subprocess.Popen[bytes], port: int) -> EmulatorConnection:
        until = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < until:
            try:
                return EmulatorConnection(port)
            except ConnectionRefusedError:
                time.sleep(0.002)
        output = (self._scratch / "emulator.log").read_text(errors="replace")[-2000:] or "(no output)"
        raise SandboxNotStarted(
            f"the emulator of function {self._config.name} "
            f"{'ended' if process.poll() is not None else 'did not respond'} before its first call:\n{output}"
        )

    def _end_processes(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
        if self._process is not None:
            self._reaper.stop(self._process)


def _file_of(module: str) -> str:
    """The file of a module, which isn't imported here."""
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    return found.origin
