"""Where the benchmarks keep what they install and what they measured."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import uv

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".localaws" / "bench"
PEERS = Path(__file__).parent / "peers"
# The interpreter itself: its `site` would bring in this project's environment.
PYTHON = sys._base_executable  # type: ignore[attr-defined]


def run_uv(*words: str) -> None:
    """Run uv, quietly."""
    subprocess.run([uv.find_uv_bin(), *words, "--quiet"], check=True, env={**os.environ, "VIRTUAL_ENV": ""})


def make_environment(name: str, requirements: Path) -> Path:
    """A virtual environment of exactly these requirements, compiled; made anew where they have changed."""
    folder = HOME / "environments" / name
    if _is_made(folder, [requirements]):
        return folder
    run_uv("venv", "--clear", "--python", sys.executable, str(folder))
    python = str(folder / "bin" / "python")
    run_uv("pip", "install", "--compile-bytecode", "--python", python, "--requirement", str(requirements))
    _note_made(folder, [requirements])
    return folder


def make_packages(name: str, requirements: Path, *, compiled: bool) -> Path:
    """A folder with a `python/` that holds the requirements, as a Lambda layer has it."""
    folder = HOME / "layers" / name
    if _is_made(folder, [requirements]):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    options = ["--compile-bytecode"] if compiled else ["--no-compile-bytecode"]
    target = str(folder / "python")
    run_uv(
        "pip", "install", *options, "--python", sys.executable, "--target", target, "--requirement", str(requirements)
    )
    _note_made(folder, [requirements])
    return folder


def make_artifacts(target: str, source: Path, inputs: Sequence[Path] = ()) -> Path:
    """What `sam build` makes of a folder with a Makefile; where inputs are named, only if they have changed."""
    folder = HOME / "artifacts" / target
    if inputs and _is_made(folder, inputs):
        return folder
    scratch = HOME / "sources" / target
    for stale in (folder, scratch):
        shutil.rmtree(stale, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(source, scratch, ignore=shutil.ignore_patterns("__pycache__"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["make", "--silent", f"build-{target}", f"PYTHON={sys.executable}"],
        cwd=scratch,
        env={**os.environ, "ARTIFACTS_DIR": str(folder), "PATH": path},
        check=True,
    )
    _note_made(folder, inputs)
    return folder


def read_pins(requirements: Path) -> dict[str, str]:
    """Package → version of a requirements file."""
    lines = (line.partition(";")[0].strip() for line in requirements.read_text().splitlines())
    return dict(line.split("==", 1) for line in lines if "==" in line and not line.startswith("#"))


def _is_made(folder: Path, sources: Sequence[Path]) -> bool:
    stamp = folder / ".made"
    return stamp.is_file() and stamp.read_text() == _describe(sources)


def _note_made(folder: Path, sources: Sequence[Path]) -> None:
    (folder / ".made").write_text(_describe(sources))


def _describe(sources: Sequence[Path]) -> str:
    return sys.version + "".join(source.read_text() for source in sources)
