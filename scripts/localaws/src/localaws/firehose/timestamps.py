"""Java's DateTimeFormatter patterns, as in !{timestamp:yyyy/MM/dd}.

https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from localaws.firehose.errors import InvalidDestination

_TOKEN = re.compile(r"''|'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")
_FIELDS: dict[str, Callable[[datetime], str]] = {
    "yyyy": lambda moment: f"{moment.year:04}",
    "uuuu": lambda moment: f"{moment.year:04}",
    "yy": lambda moment: f"{moment.year % 100:02}",
    "MM": lambda moment: f"{moment.month:02}",
    "M": lambda moment: str(moment.month),
    "DDD": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "dd": lambda moment: f"{moment.day:02}",
    "d": lambda moment: str(moment.day),
    "HH": lambda moment: f"{moment.hour:02}",
    "H": lambda moment: str(moment.hour),
    "mm": lambda moment: f"{moment.minute:02}",
    "m": lambda moment: str(moment.minute),
    "ss": lambda moment: f"{moment.second:02}",
    "s": lambda moment: str(moment.second),
    "SSS": lambda moment: f"{moment.microsecond // 1000:03}",
}


def compile_timestamp(pattern: str) -> Callable[[datetime], str]:
    """A function that formats a time by `pattern`; raises InvalidDestination for an invalid or unsupported one."""
    parts: list[str | Callable[[datetime], str]] = []
    end = 0
    for token in _TOKEN.finditer(pattern):
        if token.start() != end:
            break
        end = token.end()
        text = token[0]
        if text[0] == "'":
            parts.append("'" if text == "''" else text[1:-1].replace("''", "'"))
        elif token[1]:
            if text not in _FIELDS:
                raise InvalidDestination(f"local AWS supports timestamps of {', '.join(_FIELDS)}, not of {text}")
            parts.append(_FIELDS[text])
        else:
            parts.append(text)
    if end != len(pattern):
        raise InvalidDestination(f"the timestamp {pattern} has a quote without an end")
    return lambda moment: "".join(part if isinstance(part, str) else part(moment) for part in parts)
