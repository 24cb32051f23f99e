"""One execution environment: the emulator and the function's process, for one call at a time."""

import contextlib
import os
import secrets
import selectors
import time
from datetime import UTC, datetime
from pathlib import Path

from localaws.builds.scratch import Scratch
from localaws.clock import Clock
from localaws.runtime import bootstrap
from localaws.runtime.channel import Pipe, StepPipe
from localaws.runtime.connection import EmulatorConnection
from localaws.runtime.environment import sandbox_environment
from localaws.runtime.errors import SandboxNotStarted
from localaws.runtime.function import Call, FunctionConfig, Invocation
from localaws.runtime.invoke import Exchange
from localaws.runtime.launcher import Launched, Launcher
from localaws.runtime.layout import own_root, shared_root
from localaws.runtime.output import OutputParser
from localaws.runtime.ports import ReservedPorts

_PATIENCE = 15.0
# The sandbox enforces the timeout, from the moment the function receives the event; the emulator would include init.
_EMULATOR_TIMEOUT = 86_400


class Sandbox:
    """An execution environment of one function version; not safe for two calls at once.

    `isolated`: it has a root file system of its own. After a call, `healthy` is whether it can take another one: not if
    its process ended, timed out or failed to start.
    """

    def __init__(
        self,
        config: FunctionConfig,
        home: Path,
        runtime: Path,
        emulator: Path,
        launcher: Launcher,
        clock: Clock,
        *,
        isolated: bool,
    ) -> None:
        self._config = config
        self._launcher, self._clock = launcher, clock
        self.healthy = True
        today = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y/%m/%d")
        self.log_stream = f"{today}/[{config.version}]{secrets.token_hex(16)}"
        self._scratch = Scratch(home, f"{config.name[:40]}.")
        self._ports = ReservedPorts(2)
        self._pipes = {name: self._scratch.path / name for name in ("control", "log")}
        self._steps, self._output = StepPipe(self._pipes["control"]), Pipe(self._pipes["log"])
        self._parser = OutputParser()
        self._started = False
        self._process: Launched | None = None
        self._connection: EmulatorConnection | None = None
        self._selector = selectors.DefaultSelector()
        try:
            self._start(runtime, emulator, isolated=isolated)
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
        self._scratch.remove()

    def interrupt(self) -> None:
        """Kill the processes, from any thread; a running call ends with an error."""
        self.healthy = False
        if self._process is not None:
            self._launcher.stop(self._process)

    def _start(self, runtime: Path, emulator: Path, *, isolated: bool) -> None:
        arrange = own_root if isolated else shared_root
        layout = arrange(self._config, self._scratch.path, runtime, self._pipes, os.environ)
        variables = sandbox_environment(self._config, layout, self.log_stream)
        invoke_port, api_port = self._ports.numbers
        log = self._scratch.path / "emulator.log"
        self._process = self._launcher.start(
            [
                emulator.name,
                *("--log-level", "error"),
                *("--runtime-interface-emulator-address", f"127.0.0.1:{invoke_port}"),
                *("--runtime-api-address", f"127.0.0.1:{api_port}"),
                # The base interpreter without `site`: packages of this environment can't be imported.
                *(layout.python, "-S", "-P", layout.bootstrap, self._config.entry),
            ],
            emulator,
            {
                **variables,
                bootstrap.CONTROL_PIPE: layout.control,
                bootstrap.LOG_PIPE: layout.log,
                bootstrap.CLOCK_LIBRARY: os.pathsep.join(layout.clock),
                bootstrap.CLOCK_AHEAD: str(self._clock.offset),
                bootstrap.EMULATOR_TIMEOUT: str(_EMULATOR_TIMEOUT),
                # One thread: there's one call at a time, and idle threads of Go would spin.
                bootstrap.EMULATOR_THREADS: "1",
                bootstrap.FUNCTION_THREADS: variables.get(bootstrap.EMULATOR_THREADS, ""),
            },
            layout.folder,
            log,
            layout.root,
        )
        self._connection = self._connect(self._process, invoke_port, log)
        # Steps contain their time, so they needn't be selected on.
        for source in (self._connection, self._output):
            self._selector.register(source, selectors.EVENT_READ)

    def _connect(self, process: Launched, port: int, log: Path) -> EmulatorConnection:
        until = time.monotonic() + _PATIENCE
        while not process.has_ended() and time.monotonic() < until:
            try:
                return EmulatorConnection(port)
            except ConnectionRefusedError:
                time.sleep(0.002)
        output = (log.read_text(errors="replace") if log.exists() else "")[-2000:] or "(no output)"
        raise SandboxNotStarted(
            f"the emulator of function {self._config.name} "
            f"{'ended' if process.has_ended() else 'did not respond'} before its first call:\n{output}"
        )

    def _end_processes(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
        if self._process is not None:
            self._launcher.stop(self._process)
