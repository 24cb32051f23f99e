"""Understands the `pip install` commands of a Dockerfile, well enough to have uv run them."""

from collections.abc import Iterator
from dataclasses import dataclass

# What they ask for has no meaning here: uv keeps its own cache, asks nothing and is quiet.
_MEANINGLESS = {
    "--no-cache-dir", "--no-cache", "--quiet", "-q", "-qq", "--disable-pip-version-check", "--no-input", "--no-warn-script-location",
    "--upgrade", "-U", "--no-python-version-warning",
}  # fmt: skip
_MEANINGLESS_WITH_VALUE = {"--root-user-action", "--progress-bar", "--cache-dir", "--default-timeout", "--timeout"}
_SAME_IN_UV = {"--no-deps", "--require-hashes", "--pre"}
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


@dataclass(frozen=True)
class Install:
    """A command: the arguments for uv without the files, the requirement and constraint files with their flag, and the target."""

    arguments: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    target: str | None
    compiled: bool


def parse_install(words: list[str]) -> Install:
    """Read the words after `pip install`; raises ValueError that names a flag that isn't understood."""
    arguments: list[str] = []
    files: list[tuple[str, str]] = []
    target, compiled = None, True
    rest = _split_values(words)
    for word in rest:
        flag = word.strip()
        if flag in _MEANINGLESS:
            continue
        if flag == "--no-compile":
            compiled = False
        elif flag in _SAME_IN_UV or not flag.startswith("-"):
            arguments.append("--prerelease=allow" if flag == "--pre" else flag)
        else:
            value = next(rest, None)
            if value is None and flag in _MEANINGLESS_WITH_VALUE | _SAME_IN_UV_WITH_VALUE | _FILES | _TARGETS:
                raise ValueError(f"pip's {flag} without a value")
            if flag in _FILES:
                files.append((flag, value or ""))
            elif flag in _TARGETS:
                target = value
            elif flag in _SAME_IN_UV_WITH_VALUE:
                arguments += [flag, value or ""]
            elif flag not in _MEANINGLESS_WITH_VALUE:
                raise ValueError(f"pip's flag {flag}")
    if not files and not any(not word.startswith("-") for word in arguments):
        raise ValueError("`pip install` of nothing")
    return Install(tuple(arguments), tuple(files), target, compiled)


def _split_values(words: list[str]) -> Iterator[str]:
    """Give `--flag=value` as two words."""
    for word in words:
        if word.startswith("--") and "=" in word:
            yield from word.split("=", 1)
        else:
            yield word
