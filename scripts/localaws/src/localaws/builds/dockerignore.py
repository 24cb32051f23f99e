"""The files of a build context that `.dockerignore` excludes."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Self


class DockerIgnore:
    """The patterns of a `.dockerignore` file; the last one that matches a path decides.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """

    def __init__(self, lines: Sequence[str]) -> None:
        patterns = [line.strip() for line in lines]
        self._rules = [
            (_compile(pattern.lstrip("!")), not pattern.startswith("!"))
            for pattern in patterns
            if pattern and not pattern.startswith("#")
        ]

    @classmethod
    def of(cls, dockerfile: Path, context: Path) -> Self:
        """Read `<name>.dockerignore` of a Dockerfile, or the context's `.dockerignore`."""
        for candidate in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), context / ".dockerignore"):
            if candidate.is_file():
                return cls(candidate.read_text().splitlines())
        return cls(())

    def excludes(self, path: str) -> bool:
        """Whether a path, relative to the context, is excluded. A rule for a folder applies to everything in it."""
        parts = path.split("/")
        parents = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
        excluded = False
        for rule, excludes in self._rules:
            if any(rule.fullmatch(parent) for parent in parents):
                excluded = excludes
        return excluded


def _compile(pattern: str) -> re.Pattern[str]:
    """Translate Go's filepath.Match with `**`."""
    result, rest = "", pattern.strip("/").removeprefix("./")
    while rest:
        if rest.startswith("**/"):
            result, rest = result + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            result, rest = result + ".*", rest[2:]
        elif rest[0] == "*":
            result, rest = result + "[^/]*", rest[1:]
        elif rest[0] == "?":
            result, rest = result + "[^/]", rest[1:]
        elif rest[0] == "[" and "]" in rest:
            inside, _, rest = rest[1:].partition("]")
            result += f"[{inside}]"
        else:
            result, rest = result + re.escape(rest[0]), rest[1:]
    return re.compile(result, re.DOTALL)
