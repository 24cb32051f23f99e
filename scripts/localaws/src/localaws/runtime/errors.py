"""Errors before a function runs; each message has the cause and how to fix it."""

from localaws.errors import LocalAwsError


class EmulatorMissing(LocalAwsError):
    """AWS's Runtime Interface Emulator isn't installed, or can't run on this machine."""


class SandboxNotStarted(LocalAwsError):
    """The emulator ended or didn't respond before the function could be invoked."""


class PoolClosed(LocalAwsError):
    """The function was removed or replaced while the call waited or ran."""
