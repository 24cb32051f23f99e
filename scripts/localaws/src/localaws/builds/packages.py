"""Installs a function's requirements.txt, as `sam build` does."""

import platform
import sys
from pathlib import Path

from localaws.builds.cache import build_once, digest_of
from localaws.builds.tools import Progress, uv_install

_REQUIREMENTS = "requirements.txt"


def build_packages(logical_id: str, code: Path, cache: Path, progress: Progress) -> Path | None:
    """Install the requirements of the code in `code`; returns a folder with `python/`, or None if it has none.

    The code itself isn't copied. Packages are installed once under `cache` for each set of requirements. Raises
    BuildFailed with the tool's output.
    """
    requirements = code / _REQUIREMENTS
    if not requirements.is_file() or not _has_entries(requirements):
        return None

    def install(folder: Path) -> None:
        progress(f"installing the packages of function {logical_id}")
        arguments = ["--compile-bytecode", "--requirement", str(requirements)]
        uv_install(f"building function {logical_id}", folder / "python", arguments, code)

    # It may refer to other files in its folder, so these are part of the key.
    key = digest_of(sys.version, platform.machine(), *sorted(code.glob("*.txt")), *sorted(code.glob("*.whl")))
    return build_once(cache / key[:32], install)


def _has_entries(requirements: Path) -> bool:
    lines = (line.split("#", 1)[0].strip() for line in requirements.read_text(encoding="utf-8-sig").splitlines())
    return any(lines)
