"""Parses a Dockerfile into instructions, and expands its variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Instruction:
    """One instruction: the number of its first line, its keyword in capitals, and the rest on one line."""

    line: int
    keyword: str
    rest: str


def read_instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile, without comments and with continued lines joined."""
    begun, parts = 0, list[str]()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        begun = begun or number
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            yield _instruction(begun, parts)
            begun, parts = 0, []
    if parts:
        yield _instruction(begun, parts)


def _instruction(line: int, parts: list[str]) -> Instruction:
    keyword, _, rest = " ".join(part for part in parts if part).partition(" ")
    return Instruction(line, keyword.upper(), rest.strip())


_VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})|\$\{[^}]*\}")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+instead}`; an unset name is empty.

    Raises ValueError naming any other form of substitution.
    """

    def replacement(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        name = match[1] or match[2]
        if name is None:
            raise ValueError(f"the substitution {match[0]}")
        value = variables.get(name, "")
        if match[3] == "-":
            return value or match[4]
        if match[3] == "+":
            return match[4] if value else ""
        return value

    return _VARIABLE.sub(replacement, text)
