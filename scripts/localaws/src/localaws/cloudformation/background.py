"""Runs deployments of stacks in threads of their own, so that a request is answered before a long one ends.

A request waits for its deployment, as long as that doesn't wait itself: for CodeDeploy, which may take hours.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from localaws.cloudformation.errors import Abandoned

logger = logging.getLogger(__name__)
_ON_WAIT: contextvars.ContextVar[Callable[[], None] | None] = contextvars.ContextVar("on_wait", default=None)


def run(work: Callable[[], object]) -> None:
    """Run `work` in a thread; returns when it ends or begins to wait. Raises what it raises until then."""
    settled = threading.Event()
    errors: list[BaseException] = []

    def target() -> None:
        _ON_WAIT.set(settled.set)
        try:
            work()
        except Abandoned as error:
            logger.info("%s", error)
        except Exception as error:
            if settled.is_set():
                logger.exception("A deployment of a stack failed.")
            errors.append(error)
        finally:
            settled.set()

    threading.Thread(target=target, name="cloudformation", daemon=True).start()
    settled.wait()
    if errors:
        raise errors[0]


@contextmanager
def on_wait(call: Callable[[], None]) -> Iterator[None]:
    """Call this once when this thread's work begins to wait, if it does."""
    token = _ON_WAIT.set(call)
    try:
        yield
    finally:
        _ON_WAIT.reset(token)


def begin_to_wait() -> None:
    """Call what is to be called when this thread's work begins to wait, such as to answer its request."""
    if call := _ON_WAIT.get():
        _ON_WAIT.set(None)
        call()
