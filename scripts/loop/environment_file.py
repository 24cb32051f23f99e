"""The file to source in a shell, so that aws, sam, boto3 and scripts/mlops use a checkout's local AWS and its API."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli.localaws import ENDPOINT, answers, read_settings


@contextmanager
def written(path: Path, settings: Mapping[str, str]) -> Iterator[None]:
    """Write the file, for as long as what it names runs: a command that finds it must not find it once nothing answers.

    Of several local AWS in a checkout it names the one that was started last. When that ends, it names the one before
    again, if that still runs.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
    _write(path, text)
    try:
        yield
    finally:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            path.unlink()
            if before != text and answers(read_settings(before).get(ENDPOINT, "")):
                _write(path, before)


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)  # it holds a key
    path.write_text(text, encoding="utf-8")
