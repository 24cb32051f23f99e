"""Errors in the configuration of a Firehose stream; each message has the cause."""


class InvalidDestination(Exception):
    """A configuration that AWS rejects, or that local AWS doesn't support."""
