"""Builds layers as `sam build` does."""

import os
import platform
import re
import shutil
import sys
from pathlib import Path

from localaws.builds.cache import UNFINISHED, build_once, digest_of
from localaws.builds.errors import BuildFailed
from localaws.builds.links import outward_links
from localaws.builds.scratch import Scratch
from localaws.builds.tools import Progress, run_tool, uv_install

_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# A layer for another Python version is built for this one, which runs it.
_ANY_PYTHON = re.compile(r"python3\.\d+")


def build_layer(logical_id: str, content: Path, build_method: str | None, cache: Path, progress: Progress) -> Path:
    """Build a layer; returns the folder whose contents functions have in /opt.

    `content` is the template's ContentUri, `build_method` its Metadata BuildMethod: `makefile` runs
    `make build-<logical_id>` with ARTIFACTS_DIR, a Python runtime copies it and installs its requirements.txt, and
    without one the folder is used as it is. Builds are cached under `cache` by their inputs. Raises BuildFailed with
    the tool's output.
    """
    if not content.is_dir():
        raise BuildFailed(f"layer {logical_id}: its ContentUri {content} isn't a folder")
    if build_method is None:
        return _without_outward_links(logical_id, content, cache)
    if build_method != "makefile" and not _ANY_PYTHON.fullmatch(build_method):
        raise BuildFailed(
            f"layer {logical_id}: BuildMethod {build_method!r} isn't supported; use makefile or {_PYTHON}"
        )

    def build(artifacts: Path) -> None:
        progress(f"building layer {logical_id}")
        if build_method == "makefile":
            _make(logical_id, content, artifacts)
        else:
            _install(logical_id, content, artifacts)
        if not any(artifacts.iterdir()):
            raise BuildFailed(f"layer {logical_id} was built, but ARTIFACTS_DIR is empty")

    key = digest_of(logical_id, build_method, sys.version, platform.machine(), content)
    return build_once(cache / key[:32], build)


def build_public_layer(name: str, requirement: str, cache: Path, progress: Progress) -> Path:
    """Install the packages of a public layer; returns the folder."""

    def build(artifacts: Path) -> None:
        progress(f"installing {requirement} for layer {name}")
        arguments = ["--compile-bytecode", requirement]
        uv_install(f"building layer {name}", artifacts / "python", arguments, artifacts)

    return build_once(cache / digest_of(requirement, sys.version, platform.machine())[:32], build)


def _make(logical_id: str, content: Path, artifacts: Path) -> None:
    if shutil.which("make") is None:
        raise BuildFailed(f"layer {logical_id}: `make` isn't installed; install it (Debian: `apt-get install make`)")
    if not (content / "Makefile").is_file():
        raise BuildFailed(f"layer {logical_id}: BuildMethod makefile, but {content} has no Makefile")
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    with Scratch(artifacts.parent, UNFINISHED) as scratch:
        # A copy, so that a recipe can't write into the source.
        workspace = shutil.copytree(content, scratch.path / content.name, symlinks=True)
        run_tool(
            f"building layer {logical_id}",
            ["make", "--makefile", str(workspace / "Makefile"), f"build-{logical_id}"],
            workspace,
            {"ARTIFACTS_DIR": str(artifacts), "PATH": tools},
        )


def _install(logical_id: str, content: Path, artifacts: Path) -> None:
    packages = artifacts / "python"
    shutil.copytree(content, packages, ignore=shutil.ignore_patterns("__pycache__", "requirements.txt"))
    requirements = content / "requirements.txt"
    if requirements.is_file():
        uv_install(f"building layer {logical_id}", packages, ["--requirement", str(requirements)], content)


def _without_outward_links(logical_id: str, content: Path, cache: Path) -> Path:
    """A layer's folder, or a copy with the files that its links lead to, since functions can't follow them."""
    links = outward_links(content)
    if not links:
        return content

    def copy(artifacts: Path) -> None:
        shutil.copytree(content, artifacts, symlinks=True, dirs_exist_ok=True)
        for path, target in links.items():
            (artifacts / path).unlink()
            (shutil.copytree if target.is_dir() else shutil.copy2)(target, artifacts / path)

    return build_once(cache / digest_of(logical_id, content)[:32], copy)
