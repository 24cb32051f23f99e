"""The packages that AWS's managed Python runtime brings: the runtime interface client and boto3, nothing else."""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from localaws.builds.cache import build_once, digest_of
from localaws.builds.errors import BuildFailed
from localaws.builds.tools import Progress, uv_install

_BROUGHT_BY_AWS = ("awslambdaric", "boto3")


def pinned_with_dependencies(names: tuple[str, ...]) -> tuple[str, ...]:
    """Pin packages and all that they need to the versions installed here, sorted: `("boto3==1.43.0", …)`.

    Raises BuildFailed where one isn't installed.
    """
    pins: dict[str, str] = {}
    wanted = list(names)
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name in pins:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError as missing:
            raise BuildFailed(f"{name} isn't installed, which functions run with: reinstall localaws.") from missing
        pins[name] = f"{name}=={found.version}"
        needed = (Requirement(text) for text in found.requires or ())
        wanted += [need.name for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})]
    return tuple(pins[name] for name in sorted(pins))


def install_managed_runtime(cache: Path, progress: Progress) -> Path:
    """Give the folder that stands for AWS's /var/runtime, installed once under `cache` for each set of versions."""
    pins = pinned_with_dependencies(_BROUGHT_BY_AWS)

    def install(target: Path) -> None:
        progress(f"installing AWS's Python runtime ({len(pins)} packages)")
        uv_install("installing AWS's Python runtime", target, ["--no-deps", "--compile-bytecode", *pins], cache)

    return build_once(cache / digest_of(sys.version, *pins)[:32], install)
