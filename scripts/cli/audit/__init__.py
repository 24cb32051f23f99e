"""`mlops audit`: which version, data and code answered at a moment."""

from cli.audit.command import audit

__all__ = ["audit"]
