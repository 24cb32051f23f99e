"""Images of functions, built without Docker: their packages in a folder, their code in place."""

import itertools
import platform
import posixpath
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localaws.builds.cache import build_once, digest_of
from localaws.builds.dockerfile_plan import TASK_ROOT, Plan, Source, is_pattern, read_plan
from localaws.builds.dockerignore import DockerIgnore
from localaws.builds.errors import BuildFailed, UnsupportedDockerfile
from localaws.builds.tools import Progress, uv_install


@dataclass(frozen=True)
class Copied:
    """A file or folder of the build context and its destination relative to the task root."""

    source: Path
    destination: str


@dataclass(frozen=True)
class Image:
    """A built image: `packages` is on the import path, `copies` make up the task root, `digest` identifies it.

    Values of `environment` may contain /var/task; `handler` is the CMD.
    """

    digest: str
    packages: Path
    handler: str | None
    environment: Mapping[str, str]
    copies: tuple[Copied, ...]
    context: Path
    ignore: DockerIgnore = field(compare=False, repr=False)

    def lay_out(self, task: Path) -> Path:
        """Create the task root in a new folder, with links to the source files, by the COPY instructions in order."""
        task.mkdir()
        for copy in self.copies:
            files = (
                [copy.source] if copy.source.is_file() else [path for path in copy.source.rglob("*") if path.is_file()]
            )
            for file in files:
                if self.ignore.excludes(file.relative_to(self.context).as_posix()) or "__pycache__" in file.parts:
                    continue
                inside = "" if file == copy.source else file.relative_to(copy.source).as_posix()
                link = task / posixpath.join(copy.destination, inside)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.unlink(missing_ok=True)
                link.symlink_to(file)
        return task


def build_image(
    dockerfile: Path, context: Path, build_args: Mapping[str, str], cache: Path, progress: Progress
) -> Image:
    """Build a Dockerfile without Docker, as far as Python functions need it.

    Packages are installed once under `cache` for each set of requirements; code isn't copied, it runs in place. Raises
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
    if plan.refusals:
        raise UnsupportedDockerfile(str(dockerfile), tuple(plan.refusals))
    files = [
        Path(word) for arguments in installs for flag, word in itertools.pairwise(arguments) if flag in ("-r", "-c")
    ]
    fixed = [word for arguments in installs for word in arguments if Path(word) not in files]
    if plan.python != platform.python_version().rpartition(".")[0]:
        progress(f"note: the image for Python {plan.python} runs on Python 3.13 ({dockerfile.parent.name})")
    key = digest_of(sys.version, platform.machine(), *fixed, *files)[:32]

    def install(packages: Path) -> None:
        progress(f"installing the packages of {dockerfile.name} in {dockerfile.parent.name}")
        for arguments in installs:
            uv_install(f"building {dockerfile}", packages, arguments, context)

    packages = build_once(cache / key, install)
    digest = digest_of(text, key, *(f"{name}={value}" for name, value in sorted(build_args.items())), str(context))
    return Image(digest, packages, plan.handler, plan.environment, copies, context, ignore)


def _find_sources(plan: Plan, context: Path, ignore: DockerIgnore) -> tuple[Copied, ...]:
    copies = []
    for wanted in plan.sources:
        source = context / wanted.path if wanted.path != "." else context
        if is_pattern(wanted.path):
            found = [path for path in sorted(context.glob(wanted.path)) if not _is_excluded(path, context, ignore)]
            copies += [Copied(path, _destination(wanted, path)) for path in found]
            if not found:
                plan.refusals.append(f"line {wanted.line}: COPY of {wanted.path}, which matches nothing in {context},")
        elif not source.exists():
            plan.refusals.append(f"line {wanted.line}: COPY of {wanted.path}, which isn't in {context},")
        elif _is_excluded(source, context, ignore):
            plan.refusals.append(f"line {wanted.line}: COPY of {wanted.path}, which .dockerignore excludes,")
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


def _find_requirements(plan: Plan, copies: tuple[Copied, ...]) -> list[list[str]]:
    """uv's arguments for each install, with paths in the image replaced by the source files."""
    placed = {copy.destination: copy.source for copy in copies if copy.source.is_file()}
    folders = [copy for copy in copies if copy.source.is_dir()]
    installs = []
    for line, folder, install in plan.installs:
        arguments = [*install.arguments, *(["--compile-bytecode"] if install.compiled else [])]
        for flag, name in install.files:
            place = posixpath.normpath(posixpath.join(folder, name)).removeprefix(f"{TASK_ROOT}/")
            inside = (copy.source / posixpath.relpath(place, copy.destination or ".") for copy in folders)
            file = placed.get(place) or next((path for path in inside if path.is_file()), None)
            if file is None:
                plan.refusals.append(f"line {line}: pip's {flag} {name}, which wasn't copied into the image,")
            else:
                arguments += [flag[:2] if not flag.startswith("--") else f"-{flag[2]}", str(file)]
        installs.append(arguments)
    return installs
