"""What the command line can fail with."""


class CommandError(Exception):
    """A command that can't be carried out; the text names the cause and the remedy."""
