"""The error of `scripts/start`."""


class LoopFailed(Exception):
    """The start failed before the first prediction; the message names the cause and the remedy."""

    exit_code = 1
