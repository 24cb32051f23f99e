"""What can go wrong before a function runs; each error names its cause and the remedy."""

from localaws.errors import LocalAwsError


class EmulatorMissing(LocalAwsError):
    """AWS's Runtime Interface Emulator isn't installed, or doesn't run on this machine."""


class SandboxNotStarted(LocalAwsError):
    """The emulator's process ended, or didn't answer, before a function could be invoked."""


class PoolClosed(LocalAwsError):
    """The function was removed or replaced while the call waited or ran."""
