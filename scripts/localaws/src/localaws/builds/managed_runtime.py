"""The packages of AWS's managed Python runtime: the runtime interface client and boto3."""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from localaws.builds.cache import build_once, digest_of
from localaws.builds.errors import BuildFailed
from localaws.builds.tools import Progress, uv_install

_IN_AWS_RUNTIME = ("awslambdaric", "boto3")


def pinned_with_dependencies(names: tuple[str, ...]) -> tuple[str, ...]:
    """Pin packages and their dependencies to the installed versions, sorted: `("boto3==1.43.0", …)`.

    Raises BuildFailed if one isn't installed.
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
            raise BuildFailed(f"{name}, which functions need, isn't installed: reinstall localaws.") from missing
        pins[name] = f"{name}=={found.version}"
        needed = (Requirement(text) for text in found.requires or ())
        wanted += [need.name for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})]
    return tuple(pins[name] for name in sorted(pins))


def install_managed_runtime(cache: Path, progress: Progress) -> Path:
    """Install the equivalent of AWS's /var/runtime, once under `cache` for each set of versions; returns the folder."""
    pins = pinned_with_dependencies(_IN_AWS_RUNTIME)

    def install(target: Path) -> None:
        progress(f"installing AWS's Python runtime ({len(pins)} packages)")
        uv_install("installing AWS's Python runtime", target, ["--no-deps", "--compile-bytecode", *pins], cache)

    return build_once(cache / digest_of(sys.version, *pins)[:32], install)
