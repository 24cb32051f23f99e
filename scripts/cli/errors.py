"""The error of the command line."""


class CommandError(Exception):
    """A command that can't be carried out; the message names the cause and the remedy."""
