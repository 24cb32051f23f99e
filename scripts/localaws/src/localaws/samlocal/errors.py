"""What can keep functions from running in containers."""

from localaws.errors import LocalAwsError


class DockerUnavailable(LocalAwsError):
    """No Docker answers, and none can be started; the text names the cause and the remedy."""

    exit_code = 3


class SamFailed(LocalAwsError):
    """A tool that builds or serves the functions failed; the text holds what it said."""
