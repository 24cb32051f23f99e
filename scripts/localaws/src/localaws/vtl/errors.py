"""Errors of mapping templates."""

from __future__ import annotations


class VtlError(Exception):
    """A template that can't be parsed, isn't supported or failed; `line` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        self.line, self.what = line, what
        super().__init__(f"line {line}: {what}")
