"""Where a sandbox has its files: as on AWS in a root of its own, else where they are on this machine."""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from localaws.builds.dockerfile_plan import SITE_PACKAGES, TASK_ROOT
from localaws.builds.image_files import Image
from localaws.builds.links import outward_links
from localaws.runtime import bootstrap
from localaws.runtime.function import FunctionConfig
from localaws.runtime.launcher import Root
from localaws.runtime.machine import certificates, interpreter, is_of_the_system, linked_files, system_folders

_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
_RUNTIME = "/var/runtime"
# On AWS it has the program that starts the runtime.
_RAPID = "/var/rapid"
_PATH = "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"
_LIBRARIES = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The paths of a sandbox's files, as its processes see them.

    `imports` are the folders for PYTHONPATH, `libraries` the value of LD_LIBRARY_PATH, `temporary` that of TMPDIR,
    None if it's /tmp as on AWS. `clock` are the files of `bootstrap.CLOCK_MODULES`. `certificates` maps variables to
    paths. `root` is None if the sandbox has no root of its own.
    """

    task: str
    folder: str
    runtime: str
    imports: tuple[str, ...]
    path: str
    libraries: str
    python: str
    bootstrap: str
    control: str
    log: str
    clock: tuple[str, ...]
    certificates: Mapping[str, str]
    temporary: str | None = None
    root: Root | None = None


def own_root(
    config: FunctionConfig, scratch: Path, runtime: Path, pipes: Mapping[str, Path], host: Mapping[str, str]
) -> Layout:
    """The layout as on AWS, in a root that's made for the sandbox.

    `scratch` is an existing folder of the sandbox's own, `runtime` the managed runtime's, `pipes` the pipes `control`
    and `log`, `host` this machine's environment.
    """
    place, empty = scratch / "root", scratch / "empty"
    place.mkdir()
    empty.mkdir()
    trees = _trees(config.image, scratch, link=True)
    trusted = certificates(host)
    moved = {name: f"{_RAPID}/{name}" for name, path in trusted.items() if not is_of_the_system(path)}
    programs = {f"{_RAPID}/{number}/{path.name}": path for number, path in enumerate(_programs())}
    shown = {
        **_system(trees, runtime, empty),
        **(_image_folders(trees, empty) if config.image else _zip_folders(config, scratch, empty)),
        **{f"{_RAPID}/{name}": [pipe] for name, pipe in pipes.items()},
        **{path: [program] for path, program in programs.items()},
        **{path: [Path(trusted[name])] for name, path in moved.items()},
        **{path: [Path(path)] for path in linked_files()},
    }
    first, *clock = programs
    return Layout(
        task=TASK_ROOT,
        folder=config.image.folder if config.image else TASK_ROOT,
        runtime=_RUNTIME,
        imports=(
            TASK_ROOT,
            f"/opt/python/lib/{_PYTHON}/site-packages",
            "/opt/python",
            *([SITE_PACKAGES] if config.image else []),
            _RUNTIME,
        ),
        path=_PATH,
        libraries=_LIBRARIES,
        python=f"/var/lang/{interpreter()[1]}",
        bootstrap=first,
        control=f"{_RAPID}/control",
        log=f"{_RAPID}/log",
        clock=tuple(clock),
        certificates=trusted | moved,
        root=Root(
            place=str(place),
            base=tuple(map(str, trees)),
            links=system_folders()[1],
            mounts=tuple((path, tuple(map(str, sources))) for path, sources in shown.items()),
            tmp_mb=config.storage,
        ),
    )


def shared_root(
    config: FunctionConfig, scratch: Path, runtime: Path, pipes: Mapping[str, Path], host: Mapping[str, str]
) -> Layout:
    """The layout without a root of the sandbox's own: everything is where it is on this machine."""
    temporary = scratch / "tmp"
    temporary.mkdir()
    trees = _trees(config.image, scratch, link=False)
    code = [config.code] if config.code else [tree / TASK_ROOT[1:] for tree in trees]
    tasks = [*code, *config.packages]
    layers = tuple(reversed(config.layers))
    imports = [
        folder
        for layer in layers
        for folder in (layer / "python" / "lib" / _PYTHON / "site-packages", layer / "python")
    ]
    site_packages = [tree / SITE_PACKAGES[1:] for tree in trees]
    prefix, program = interpreter()
    first, *clock = map(str, _programs())
    return Layout(
        task=str(tasks[0]),
        folder=str(tasks[0]),
        runtime=str(runtime),
        imports=tuple(str(folder) for folder in (*tasks, *imports, *site_packages, runtime) if folder.is_dir()),
        path=os.pathsep.join([_SYSTEM_PATH, *(str(layer / "bin") for layer in layers)]),
        libraries=os.pathsep.join([str(tasks[0]), f"{tasks[0]}/lib", *(str(layer / "lib") for layer in layers)]),
        python=str(prefix / program),
        bootstrap=first,
        control=str(pipes["control"]),
        log=str(pipes["log"]),
        clock=tuple(clock),
        certificates=certificates(host),
        temporary=str(temporary),
    )


def _trees(image: Image | None, scratch: Path, *, link: bool) -> tuple[Path, ...]:
    """The files of an image, as trees of which the first is over the second: those that it copies, and its packages."""
    if image is None:
        return ()
    return image.lay_out(scratch / "image", without=scratch.resolve().parents[1], link=link), image.built


def _system(trees: tuple[Path, ...], runtime: Path, empty: Path) -> dict[str, list[Path]]:
    """The folders of the system, with what an image puts there."""
    prefix, _ = interpreter()
    shown = {path: [Path(path)] for path in system_folders()[0]} | {"/var/lang": [prefix], _RUNTIME: [runtime]}
    for path, sources in shown.items():
        sources[:0] = _below(trees, path)
    if _below(shown["/var/lang"], f"/lib/{_PYTHON}/site-packages"):
        # The packages of the base installation aren't those of a function.
        shown[SITE_PACKAGES] = _below(trees, SITE_PACKAGES) or [empty]
    return shown


def _image_folders(trees: tuple[Path, ...], empty: Path) -> dict[str, list[Path]]:
    """The folders that AWS has even if the image has no files for them."""
    return {path: [empty] for path in (TASK_ROOT, "/opt") if not _below(trees, path)}


def _zip_folders(config: FunctionConfig, scratch: Path, empty: Path) -> dict[str, list[Path]]:
    """The code with its packages, and the layers, the last one over the others."""
    assert config.code is not None
    links = outward_links(config.code) if config.in_place else {}
    over = scratch / "links"
    for path, target in links.items():
        # What a link leads to is mounted at its place, so something that can be mounted on must hide the link.
        place = over / path
        (place if target.is_dir() else place.parent).mkdir(parents=True, exist_ok=True)
        if not target.is_dir():
            place.touch()
    # The code may be in the folder that has the state folder, too.
    own = scratch.resolve().parent
    hidden = [own.relative_to(config.code)] if own.is_relative_to(config.code) else []
    return {
        TASK_ROOT: [*([over] if links else []), config.code, *config.packages],
        **{f"{TASK_ROOT}/{folder}": [empty] for folder in hidden},
        "/opt": list(reversed(config.layers)) or [empty],
        **{f"{TASK_ROOT}/{path}": [target] for path, target in links.items()},
    }


def _below(folders: Iterable[Path], path: str) -> list[Path]:
    """The folders at an absolute path in each of several trees that have one."""
    found = (folder / path[1:] for folder in folders)
    return [folder for folder in found if folder.is_dir()]


def _programs() -> list[Path]:
    """The program that runs the handler, and the modules of the clock."""
    return [Path(bootstrap.__file__), *map(_file_of, bootstrap.CLOCK_MODULES)]


@cache
def _file_of(module: str) -> Path:
    """The file of a module, which isn't imported here."""
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin)
