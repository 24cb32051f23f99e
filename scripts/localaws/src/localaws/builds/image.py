"""Builds images of functions without Docker: their packages in a folder, their code in place."""

import itertools
import platform
import posixpath
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from localaws.builds import system_packages
from localaws.builds.cache import build_once, digest_of
from localaws.builds.dockerfile_plan import SITE_PACKAGES, TASK_ROOT, Plan, Source, is_pattern, read_plan
from localaws.builds.dockerignore import DockerIgnore
from localaws.builds.errors import BuildFailed, UnsupportedDockerfile
from localaws.builds.image_files import Copied, Image
from localaws.builds.pip import Install
from localaws.builds.tools import Progress, uv_install


def build_image(
    dockerfile: Path,
    context: Path,
    build_args: Mapping[str, str],
    cache: Path,
    progress: Progress,
    *,
    own_root: bool = True,
) -> Image:
    """Build a Dockerfile without Docker, as far as Python functions need it.

    Packages are installed once under `cache` for each set of requirements; code isn't copied, it runs in place. Without
    `own_root`, functions share this machine's root, and an image can only have files in the task root. Raises
    UnsupportedDockerfile with all unsupported instructions, BuildFailed with a tool's output.
    """
    dockerfile, context = dockerfile.resolve(), context.resolve()
    try:
        text = dockerfile.read_text()
    except OSError as missing:
        raise BuildFailed(f"{dockerfile} can't be read: {missing.strerror}") from missing
    plan = read_plan(text, build_args)
    ignore = DockerIgnore.of(dockerfile, context)
    copies = _find_sources(plan, context, ignore)
    installs = _find_requirements(plan, copies)
    packages, notes = _find_packages(plan, own_root=own_root)
    if not own_root:
        plan.refusals += _outside_of_the_task_root(plan)
    if plan.refusals:
        raise UnsupportedDockerfile(str(dockerfile), tuple(plan.refusals))
    for note in notes:
        progress(f"note: {note} ({dockerfile.parent.name}/{dockerfile.name})")
    files = [
        Path(word) for _, arguments in installs for flag, word in itertools.pairwise(arguments) if flag in ("-r", "-c")
    ]
    fixed = [word for target, arguments in installs for word in (target, *arguments) if Path(word) not in files]
    if plan.python != platform.python_version().rpartition(".")[0]:
        progress(f"note: the image for Python {plan.python} runs on Python 3.13 ({dockerfile.parent.name})")
    key = digest_of(sys.version, platform.machine(), *(name for _, name in packages), *fixed, *files)[:32]

    def install(tree: Path) -> None:
        if packages:
            progress(
                f"installing {', '.join(name for _, name in packages)} with apt, for {dockerfile.parent.name} only"
            )
            _install_packages(packages, dockerfile, tree)
        if installs:
            progress(f"installing the packages of {dockerfile.name} in {dockerfile.parent.name}")
        for target, arguments in installs:
            uv_install(f"building {dockerfile}", tree / target.lstrip("/"), arguments, context)

    built = build_once(cache / key, install)
    digest = digest_of(text, key, *(f"{name}={value}" for name, value in sorted(build_args.items())), str(context))
    return Image(digest, built, plan.handler, plan.environment, copies, context, ignore, plan.folder, plan.entry_point)


def _outside_of_the_task_root(plan: Plan) -> Iterator[str]:
    places = [(source.line, f"COPY to {source.destination}", source.destination) for source in plan.sources]
    places += [(line, f"WORKDIR {folder}", folder) for line, folder in plan.folders]
    places += [
        (line, f"pip's --target {install.target}", _target(folder, install))
        for line, folder, install in plan.installs
        if install.target
    ]
    reason = "on this machine, where functions can't have a root file system of their own"
    for line, what, place in sorted(places):
        if not f"{place}/".startswith(f"{TASK_ROOT}/"):
            yield f"line {line}: {what} (only below {TASK_ROOT}) {reason}"


def _find_packages(plan: Plan, *, own_root: bool) -> tuple[list[tuple[int, str]], list[str]]:
    """The system's packages to install, with their lines, and a note on each other one."""
    missing, notes = [], []
    for line, name in plan.packages:
        if system_packages.is_build_tool(name):
            notes.append(f"line {line}: {name} isn't installed, since packages are built with this machine's tools")
        elif system_packages.is_on_this_machine(name):
            notes.append(f"line {line}: {name} is that of this machine")
        elif own_root and system_packages.can_install():
            missing.append((line, name))
        else:
            plan.refusals.append(f"line {line}: the package {name}, which isn't on this machine (install it there)")
    return missing, notes


def _install_packages(packages: list[tuple[int, str]], dockerfile: Path, tree: Path) -> None:
    try:
        system_packages.install([name for _, name in packages], tree)
    except BuildFailed as failed:
        lines = ", ".join(f"line {line}" for line in sorted({line for line, _ in packages}))
        raise BuildFailed(f"building {dockerfile}, {lines}: {failed}") from None


def _find_sources(plan: Plan, context: Path, ignore: DockerIgnore) -> tuple[Copied, ...]:
    copies = []
    for wanted in plan.sources:
        source = context / wanted.path if wanted.path != "." else context
        if is_pattern(wanted.path):
            found = [path for path in sorted(context.glob(wanted.path)) if not _is_excluded(path, context, ignore)]
            copies += [Copied(path, _destination(wanted, path)) for path in found]
            if not found:
                plan.refusals.append(f"line {wanted.line}: COPY of {wanted.path}, which matches nothing in {context}")
        elif not source.exists():
            plan.refusals.append(f"line {wanted.line}: COPY of {wanted.path}, which isn't in {context}")
        elif _is_excluded(source, context, ignore):
            plan.refusals.append(f"line {wanted.line}: COPY of {wanted.path}, which .dockerignore excludes")
        else:
            copies.append(Copied(source, _destination(wanted, source)))
    return tuple(copies)


def _is_excluded(source: Path, context: Path, ignore: DockerIgnore) -> bool:
    return source.is_file() and ignore.excludes(source.relative_to(context).as_posix())


def _destination(wanted: Source, source: Path) -> str:
    """A file goes into a folder under its own name; a folder's contents go into the destination."""
    if source.is_dir() or not wanted.into_folder:
        return wanted.destination
    return posixpath.join(wanted.destination, source.name)


def _target(folder: str, install: Install) -> str:
    """Where pip installs, as an absolute path in the image."""
    return posixpath.normpath(posixpath.join(folder, install.target)) if install.target else SITE_PACKAGES


def _find_requirements(plan: Plan, copies: tuple[Copied, ...]) -> list[tuple[str, list[str]]]:
    """The target and uv's arguments for each install, with paths in the image replaced by the source files."""
    placed = {copy.destination: copy.source for copy in copies if copy.source.is_file()}
    folders = [copy for copy in copies if copy.source.is_dir()]
    installs = []
    for line, folder, install in plan.installs:
        arguments = [*install.arguments, *(["--compile-bytecode"] if install.compiled else [])]
        for flag, name in install.files:
            place = posixpath.normpath(posixpath.join(folder, name))
            inside = (copy.source / posixpath.relpath(place, copy.destination) for copy in folders)
            file = placed.get(place) or next((path for path in inside if path.is_file()), None)
            if file is None:
                plan.refusals.append(f"line {line}: pip's {flag} {name}, which wasn't copied into the image")
            else:
                arguments += [flag[:2] if not flag.startswith("--") else f"-{flag[2]}", str(file)]
        installs.append((_target(folder, install), arguments))
    return installs
