"""Texts that a message must contain to match, by which messages are found without being parsed."""

import re
from collections.abc import Iterable

# Characters that JSON writes as they are, or as \\u00XX; numbers may be written in other ways.
_PLAIN = re.compile(r"[ !#-.0-\[\]-~]+")
_NUMERIC = re.compile(r"[0-9.eE+-]*")


def plain_texts(values: Iterable[str]) -> tuple[bytes, ...]:
    """For each value, the longest part that a JSON document with this string contains as it is, if there's one."""
    runs = (max(_PLAIN.findall(value), key=len, default="") for value in values)
    return tuple(run.encode() for run in runs if not _NUMERIC.fullmatch(run))
