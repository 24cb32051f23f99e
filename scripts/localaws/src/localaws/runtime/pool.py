"""The sandboxes of one function version."""

import os
import threading
from pathlib import Path

from localaws.builds.managed_runtime import install_managed_runtime
from localaws.builds.tools import Progress
from localaws.clock import Clock
from localaws.identifiers import new_request_id, new_trace
from localaws.runtime.edits import CodeWatch
from localaws.runtime.errors import PoolClosed
from localaws.runtime.function import Call, FunctionConfig, Invocation
from localaws.runtime.launcher import Launcher
from localaws.runtime.sandbox import Sandbox
from localaws.runtime.signature import Signature, code_in_place

_PATIENCE = 0.2


def _silent(message: str) -> None:
    """Ignore a progress message."""


class FunctionPool:
    """Runs a function version: concurrent calls run in different sandboxes; idle sandboxes are reused.

    Thread-safe. At `max_concurrency` further calls wait. Without that limit a call gets a new sandbox at once while
    there are few, else after a short wait for an idle one: quick functions share sandboxes, since more of them would
    only compete for the processor, and slow functions run concurrently as on AWS. Source folders are checked for edits
    before each call: after an edit idle sandboxes are replaced, so that it takes effect at the next call, while running
    calls finish with the old code. Each call has the time of `clock`, the machine's by default. `isolated`: each
    sandbox has a root file system of its own, which not every machine allows (see `isolation.find_obstacle`).
    """

    def __init__(
        self,
        config: FunctionConfig,
        home: Path,
        rie: Path,
        launcher: Launcher,
        max_concurrency: int | None = None,
        progress: Progress = _silent,
        clock: Clock | None = None,
        *,
        isolated: bool = True,
    ) -> None:
        self.config = config
        self._home = home
        self._rie = rie
        self._launcher = launcher
        self._isolated = isolated
        self._clock = clock or Clock()
        self._limit = max_concurrency or 2 * (os.cpu_count() or 1)
        self._patience = None if max_concurrency else _PATIENCE
        self._runtime = install_managed_runtime(home / "runtime", progress)
        self._code = CodeWatch(code_in_place(config), str(home.resolve()))
        self._changed = threading.Condition()
        self._idle: list[tuple[Sandbox, Signature]] = []
        self._busy: set[Sandbox] = set()
        self._taken = 0
        self._closed = False

    def invoke(
        self,
        payload: bytes,
        client_context: str | None = None,
        request_id: str | None = None,
        arn: str | None = None,
        trace: str | None = None,
    ) -> Invocation:
        """Run the function once; an error of the function is a result, not an exception.

        `client_context` is base64 as in the Invoke API; `request_id` defaults to a new UUID, `arn` to the version's own
        (give the alias's for a call of an alias), `trace` to a new X-Ray header. Raises PoolClosed, SandboxNotStarted.
        """
        call = Call(
            request_id=request_id or new_request_id(),
            payload=payload,
            arn=arn or self.config.arn,
            trace=trace or new_trace(),
            client_context=client_context,
        )
        self._acquire_slot()
        sandbox: Sandbox | None = None
        try:
            signature = self._code.signature()
            sandbox = self._take_idle(signature) or self._open()
            invocation = sandbox.invoke(call)
            self._give_back(sandbox, signature)
        except BaseException:
            if sandbox is not None:
                self._discard(sandbox)
            raise
        finally:
            self._release_slot()
        if self._closed and invocation.error:
            raise PoolClosed(f"function {self.config.name} was removed while it ran")
        return invocation

    def close(self) -> None:
        """Close every sandbox; waiting and running calls raise PoolClosed."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
            self._changed.notify_all()
        for sandbox in busy:
            sandbox.interrupt()
        for sandbox, _ in idle:
            sandbox.close()
        with self._changed:
            self._changed.wait_for(lambda: self._taken == 0)
        self._code.close()

    def _acquire_slot(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._taken < self._limit, self._patience)
            self._check_open()
            self._taken += 1

    def _release_slot(self) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def _take_idle(self, signature: Signature) -> Sandbox | None:
        with self._changed:
            self._check_open()
            stale = [sandbox for sandbox, made_from in self._idle if made_from != signature]
            self._idle = [entry for entry in self._idle if entry[1] == signature]
            # The most recently used one is the warmest.
            found = self._idle.pop()[0] if self._idle else None
            if found is not None:
                self._busy.add(found)
        for sandbox in stale:
            sandbox.close()
        return found

    def _open(self) -> Sandbox:
        sandbox = Sandbox(
            self.config,
            self._home / "sandboxes",
            self._runtime,
            self._rie,
            self._launcher,
            self._clock,
            isolated=self._isolated,
        )
        with self._changed:
            if not self._closed:
                self._busy.add(sandbox)
                return sandbox
        sandbox.close()
        raise PoolClosed(f"function {self.config.name} was removed")

    def _give_back(self, sandbox: Sandbox, signature: Signature) -> None:
        with self._changed:
            keep = sandbox.healthy and not self._closed
            if keep:
                self._busy.discard(sandbox)
                self._idle.append((sandbox, signature))
        if not keep:
            self._discard(sandbox)

    def _discard(self, sandbox: Sandbox) -> None:
        with self._changed:
            self._busy.discard(sandbox)
        sandbox.close()

    def _check_open(self) -> None:
        if self._closed:
            raise PoolClosed(f"function {self.config.name} was removed")
