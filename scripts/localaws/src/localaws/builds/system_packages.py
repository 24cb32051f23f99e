"""Provides the system's packages that a Dockerfile installs: from this machine, or by its package manager."""

import ctypes.util
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localaws.builds.tools import run_tool


@dataclass(frozen=True)
class _Known:
    """The libraries and programs of a package of Amazon Linux, and the package's name in Debian."""

    libraries: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    debian: str | None = None


_KNOWN: Mapping[str, _Known] = {
    "atk": _Known(("atk-1.0",), debian="libatk1.0-0"),
    "cairo": _Known(("cairo",), debian="libcairo2"),
    "fontconfig": _Known(("fontconfig",), debian="libfontconfig1"),
    "freetype": _Known(("freetype",), debian="libfreetype6"),
    "geos": _Known(("geos_c",), debian="libgeos-c1v5"),
    "glib2": _Known(("glib-2.0",), debian="libglib2.0-0"),
    "graphviz": _Known(programs=("dot",)),
    "libX11": _Known(("X11",), debian="libx11-6"),
    "libXext": _Known(("Xext",), debian="libxext6"),
    "libXrender": _Known(("Xrender",), debian="libxrender1"),
    "libSM": _Known(("SM",), debian="libsm6"),
    "libffi": _Known(("ffi",), debian="libffi8"),
    "libgcc": _Known(("gcc_s",), debian="libgcc-s1"),
    "libgfortran": _Known(("gfortran",), debian="libgfortran5"),
    "libgomp": _Known(("gomp",), debian="libgomp1"),
    "libjpeg-turbo": _Known(("jpeg",), debian="libjpeg62-turbo"),
    "libpng": _Known(("png16",), debian="libpng16-16"),
    "libpq": _Known(("pq",), debian="libpq5"),
    "libsndfile": _Known(("sndfile",), debian="libsndfile1"),
    "libstdc++": _Known(("stdc++",), debian="libstdc++6"),
    "libxml2": _Known(("xml2",), debian="libxml2"),
    "libxslt": _Known(("xslt",), debian="libxslt1.1"),
    "mesa-libGL": _Known(("GL",), debian="libgl1"),
    "openblas": _Known(("openblas",), debian="libopenblas0"),
    "openssl": _Known(programs=("openssl",)),
    "openssl-libs": _Known(("ssl",), debian="libssl3"),
    "pango": _Known(("pango-1.0",), debian="libpango-1.0-0"),
    "poppler-utils": _Known(programs=("pdftotext",)),
    "postgresql-libs": _Known(("pq",), debian="libpq5"),
    "procps-ng": _Known(programs=("ps",), debian="procps"),
    "shadow-utils": _Known(programs=("useradd",), debian="passwd"),
    "tesseract": _Known(programs=("tesseract",), debian="tesseract-ocr"),
    "unixODBC": _Known(("odbc",), debian="libodbc2"),
    "which": _Known(programs=("which",), debian="debianutils"),
    "xz": _Known(programs=("xz",), debian="xz-utils"),
    "zlib": _Known(("z",), debian="zlib1g"),
}
# Needed only to build packages, which is done by the tools of this machine.
_BUILD_TOOLS = frozenset(
    {
        "autoconf", "automake", "build-essential", "clang", "cmake", "cpp", "g++", "gcc", "gcc-c++", "gcc-gfortran",
        "gfortran", "git", "libtool", "llvm", "make", "ninja-build", "patch", "pkgconf", "pkgconfig", "python3-pip",
        "python3-setuptools", "python3-wheel", "rust", "cargo", "swig",
    }
)  # fmt: skip


def is_build_tool(name: str) -> bool:
    """Whether a package is only needed to build others: a compiler, or headers."""
    return name in _BUILD_TOOLS or name.endswith(("-devel", "-dev"))


def is_on_this_machine(name: str) -> bool:
    """Whether this machine has the package, under its own name or another, so that functions have it too."""
    known = _KNOWN.get(name)
    if known and all(map(ctypes.util.find_library, known.libraries)) and all(map(shutil.which, known.programs)):
        return True
    return _is_installed(name) or bool(known and known.debian and _is_installed(known.debian))


def can_install() -> bool:
    """Whether this machine has apt."""
    return all(map(shutil.which, ("apt-get", "dpkg-deb")))


def install(names: list[str], tree: Path) -> None:
    """Install packages into a tree of files by apt, with what they need that this machine hasn't.

    No rights are needed, and this machine stays as it is. Their own scripts don't run. Raises BuildFailed.
    """
    wanted = [known.debian if (known := _KNOWN.get(name)) and known.debian else name for name in names]
    with tempfile.TemporaryDirectory() as folder:
        listing = ["apt-get", "install", "--print-uris", "-qq", "--yes", "--no-install-recommends", *wanted]
        uris = run_tool("finding packages", listing, Path(folder)).splitlines()
        # Each line has the URI, the file's name, its size and its digest.
        missing = [line.split()[1].partition("_")[0] for line in uris if line.startswith("'")]
        if missing:
            run_tool("downloading packages", ["apt-get", "download", "-qq", *missing], Path(folder))
        for file in sorted(Path(folder).glob("*.deb")):
            run_tool(f"unpacking {file.name}", ["dpkg-deb", "--extract", str(file), str(tree)], Path(folder))
    _follow_the_systems_links(tree)


def _is_installed(name: str) -> bool:
    commands = {"dpkg-query": ["--show", "--showformat=${db:Status-Status}", name], "rpm": ["--query", name]}
    for tool, arguments in commands.items():
        if shutil.which(tool):
            asked = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
            if asked.returncode == 0 and (tool == "rpm" or asked.stdout == "installed"):
                return True
    return False


def _follow_the_systems_links(tree: Path) -> None:
    """Move what a package has in /lib to where this machine's link of that name leads to."""
    for folder in list(tree.iterdir()):
        link = Path("/", folder.name)
        if link.is_symlink():
            shutil.copytree(folder, tree / link.readlink(), symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(folder)
