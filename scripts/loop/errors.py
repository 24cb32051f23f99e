"""What can keep the loop from closing."""


class LoopFailed(Exception):
    """The loop stopped before the first prediction; the text names the cause and the remedy."""

    exit_code = 1
