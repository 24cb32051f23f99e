"""Errors of running functions in containers."""

from localaws.errors import LocalAwsError


class DockerUnavailable(LocalAwsError):
    """No Docker Engine is running, and none can be started; the message has the cause and how to fix it."""

    exit_code = 3


class SamFailed(LocalAwsError):
    """A tool that builds or serves the functions failed; the message has its output."""
