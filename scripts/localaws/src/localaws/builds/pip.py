"""Parses the `pip install` commands of a Dockerfile into arguments of uv."""

from collections.abc import Iterator
from dataclasses import dataclass

# Options without effect: uv has its own cache, is not interactive and is quiet.
_IGNORED = {
    "--no-cache-dir", "--no-cache", "--quiet", "-q", "-qq", "--disable-pip-version-check", "--no-input",
    "--no-warn-script-location", "--no-python-version-warning", "--upgrade", "-U",
}  # fmt: skip
_IGNORED_WITH_VALUE = {"--root-user-action", "--progress-bar", "--cache-dir", "--default-timeout", "--timeout"}
_SAME_IN_UV = {"--no-deps", "--require-hashes"}
_SAME_IN_UV_WITH_VALUE = {
    "--index-url",
    "-i",
    "--extra-index-url",
    "--find-links",
    "-f",
    "--only-binary",
    "--no-binary",
}
_FILES = {"-r", "--requirement", "-c", "--constraint"}
_TARGETS = {"-t", "--target"}
_SWITCHES = _IGNORED | _SAME_IN_UV | {"--no-compile"}
_WITH_VALUE = _IGNORED_WITH_VALUE | _SAME_IN_UV_WITH_VALUE | _FILES | _TARGETS


@dataclass(frozen=True)
class Install:
    """A command: arguments for uv, requirement and constraint files with their flags, and the target folder."""

    arguments: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    target: str | None
    compiled: bool


def parse_install(words: list[str]) -> Install:
    """Parse the words after `pip install`; raises ValueError naming an unsupported flag."""
    arguments: list[str] = []
    files: list[tuple[str, str]] = []
    target = None
    for flag, value in _pairs(words):
        if flag in _FILES:
            files.append((flag, value))
        elif flag in _TARGETS:
            target = value
        elif flag in _SAME_IN_UV_WITH_VALUE:
            arguments += [flag, value]
        elif flag in _SAME_IN_UV or not flag.startswith("-"):
            arguments.append(flag)
    if not files and all(argument.startswith("-") for argument in arguments):
        raise ValueError("`pip install` without packages")
    return Install(tuple(arguments), tuple(files), target, compiled="--no-compile" not in words)


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each flag with its value, which is empty for a switch or a package."""
    rest = iter([part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])])
    for word in rest:
        if word in _WITH_VALUE:
            value = next(rest, None)
            if value is None:
                raise ValueError(f"pip's {word} without a value")
            yield word, value
        elif word.startswith("-") and word not in _SWITCHES:
            raise ValueError(f"pip's flag {word}")
        else:
            yield word, ""
