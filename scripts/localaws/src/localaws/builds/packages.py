"""Installs what a function's requirements.txt asks for, as `sam build` does."""

import platform
import sys
from pathlib import Path

from localaws.builds.cache import build_once, digest_of
from localaws.builds.tools import Progress, uv_install

_REQUIREMENTS = "requirements.txt"


def build_packages(logical_id: str, code: Path, cache: Path, progress: Progress) -> Path | None:
    """Give a folder whose `python/` holds the packages that the code in `code` requires; None if it requires none.

    The code itself stays where it is. Installed once under `cache` for each set of requirements. Raises BuildFailed
    with the tool's output.
    """
    requirements = code / _REQUIREMENTS
    if not requirements.is_file() or not _asks_for_anything(requirements):
        return None

    def install(folder: Path) -> None:
        progress(f"installing the packages of function {logical_id}")
        arguments = ["--compile-bytecode", "--requirement", str(requirements)]
        uv_install(f"building function {logical_id}", folder / "python", arguments, code)

    # It may name files beside it, so these count too.
    key = digest_of(sys.version, platform.machine(), *sorted(code.glob("*.txt")), *sorted(code.glob("*.whl")))
    return build_once(cache / key[:32], install)


def _asks_for_anything(requirements: Path) -> bool:
    lines = (line.split("#", 1)[0].strip() for line in requirements.read_text(encoding="utf-8-sig").splitlines())
    return any(lines)
