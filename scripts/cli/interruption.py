"""Ctrl-C while a command is still being imported, which takes a second: it ends it, without a traceback."""

import signal


def end_at_once() -> None:
    """Let Ctrl-C end the process: nothing runs yet that would have to be stopped."""
    _handle(signal.SIG_DFL)


def raise_interrupts() -> None:
    """Let Ctrl-C raise KeyboardInterrupt, as Python does."""
    _handle(signal.default_int_handler)


def _handle(handler: "signal._HANDLER") -> None:
    # It's ignored in the background of a script, and stays so.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)
