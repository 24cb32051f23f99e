"""SIGINT and SIGTERM: stop at safe points."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_POLL_SECONDS = 0.2


class Interruption:
    """Records SIGINT and SIGTERM from its creation on. It must be created in the main thread.

    The handler only sets a flag. An exception raised by a handler would arise at an arbitrary instruction: within a
    weak reference's callback, a finalizer or an extension module's import it's printed and lost, and between the start
    of a process and its registration it leaves that process behind.
    """

    def __init__(self) -> None:
        self.requested = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request)

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal was received; to be called where the work can be abandoned."""
        if self.requested:
            raise KeyboardInterrupt

    def wait(self) -> None:
        """Wait for a signal."""
        while not self.requested:
            time.sleep(_POLL_SECONDS)

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Exit the process with code 0 if the block goes on for `seconds` after a signal without a check."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_POLL_SECONDS):
                if self.requested:
                    if not done.wait(seconds):
                        print("stopped", flush=True)
                        os._exit(0)
                    return

        threading.Thread(target=watch, name="interruption", daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def _request(self, *_: object) -> None:
        self.requested = True
