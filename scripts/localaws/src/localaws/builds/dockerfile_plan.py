"""Turns a Dockerfile into a build plan that needs no Docker, or lists its unsupported instructions."""

import json
import posixpath
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from localaws.builds.dockerfile import Instruction, expand, read_instructions
from localaws.builds.package_managers import MANAGERS, parse_packages, removes_caches
from localaws.builds.pip import Install, parse_install

TASK_ROOT = "/var/task"
# Where pip installs without --target.
SITE_PACKAGES = f"/var/lang/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
# Folders that functions don't have from their image.
_MOUNTED = ("/dev", "/proc", "/sys", "/tmp")  # noqa: S108
_BASE = re.compile(r"public\.ecr\.aws/lambda/python:(3\.(?:[89]|1[0-4]))([.-][\w.-]+)?(@sha256:[0-9a-f]{64})?")
# The names of the interpreter in the base images.
_PYTHON = re.compile(r"(/var/lang/bin/)?python(3(\.\d+)?)?")
_PATTERN = set("*?[")
_RUNTIME_CLIENT = ("python", "-m", "awslambdaric")
_FUNCTIONS_ENTRY = ("/lambda-entrypoint.sh",)
_SHELL = set(";|<>`*?()") | {"\n"}


@dataclass(frozen=True)
class Source:
    """One source of a COPY and its destination, an absolute path in the image."""

    line: int
    path: str
    destination: str
    into_folder: bool


@dataclass
class Plan:
    """The Python version, packages, sources, environment variables, working directory and handler of an image.

    `folder` is the last working directory; `folders` has all with their lines, `installs` pip's commands with their
    lines and working directories, and `packages` the system's packages by name, with their lines. `entry_point` is ()
    for one that runs functions, which the base image's does.
    """

    python: str = ""
    folder: str = TASK_ROOT
    folders: list[tuple[int, str]] = field(default_factory=list)
    installs: list[tuple[int, str, Install]] = field(default_factory=list)
    packages: list[tuple[int, str]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    handler: str | None = None
    entry_point: tuple[str, ...] = ()
    refusals: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, build_args: Mapping[str, str]) -> None:
        self.plan = Plan()
        self._build_args = build_args
        self._args: dict[str, str] = {}
        self._base = {"LAMBDA_TASK_ROOT": TASK_ROOT, "LAMBDA_RUNTIME_DIR": "/var/runtime"}
        self._stages = 0
        self._entry: tuple[str, ...] = ()
        self._command: tuple[str, ...] = ()

    def read(self, text: str) -> Plan:
        for instruction in read_instructions(text):
            take = getattr(self, f"_take_{instruction.keyword.lower()}", None)
            try:
                if take is None:
                    raise ValueError(f"the instruction {instruction.keyword}")
                take(instruction)
            except ValueError as refused:
                self.plan.refusals.append(f"line {instruction.line}: {refused} isn't supported")
        if not self._stages:
            self.plan.refusals.append("line 1: a Dockerfile without FROM isn't supported")
        self.plan.handler = (self._entry + self._command)[-1] if self._command or self._entry else None
        return self.plan

    def _expand(self, text: str) -> str:
        return expand(text, {**self._args, **self._base, **self.plan.environment})

    def _take_from(self, instruction: Instruction) -> None:
        self._stages += 1
        words = [word for word in shlex.split(self._expand(instruction.rest)) if not word.startswith("--platform=")]
        if self._stages > 1 or len(words) > 1:
            raise ValueError("a multi-stage build (a second FROM, or FROM … AS)")
        base = _BASE.fullmatch(words[0]) if len(words) == 1 else None
        if base is None:
            raise ValueError(f"the base image {' '.join(words)!r} (only public.ecr.aws/lambda/python:3.13)")
        self.plan.python = base[1]

    def _take_arg(self, instruction: Instruction) -> None:
        name, _, default = instruction.rest.partition("=")
        self._args[name] = self._build_args.get(name, self._expand(default.strip("\"'")))

    def _take_env(self, instruction: Instruction) -> None:
        first, _, rest = instruction.rest.partition(" ")
        pairs = shlex.split(instruction.rest) if "=" in first else [f"{first}={rest.strip()}"]
        for pair in pairs:
            name, separator, value = pair.partition("=")
            if not separator:
                raise ValueError(f"ENV {pair!r} without a value")
            self.plan.environment[name] = self._expand(value)

    def _take_label(self, instruction: Instruction) -> None:
        """Ignore labels: they have no effect on the image."""

    def _take_workdir(self, instruction: Instruction) -> None:
        self.plan.folder = self._place("WORKDIR", self._expand(instruction.rest))
        self.plan.folders.append((instruction.line, self.plan.folder))

    def _take_copy(self, instruction: Instruction) -> None:
        if instruction.rest.startswith("["):
            words = [self._expand(word) for word in _exec_form("COPY", instruction.rest)]
        else:
            words = shlex.split(self._expand(instruction.rest))
        flags = [word for word in words if word.startswith("--")]
        if flags:
            raise ValueError(f"COPY with {flags[0].partition('=')[0]}")
        *sources, destination = words
        if not sources:
            raise ValueError("COPY without a destination")
        place = self._place("COPY to", destination)
        into_folder = (
            destination.endswith(("/", "/."))
            or destination in (".", "..")
            or len(sources) > 1
            or place in (TASK_ROOT, self.plan.folder)
            or any(map(is_pattern, sources))
        )
        for source in sources:
            if "**" in source:
                raise ValueError(f"COPY of the pattern {source!r}")
            path = posixpath.normpath(source.lstrip("/") or ".")
            if path.startswith(".."):
                raise ValueError(f"COPY of {source!r}, outside the build context")
            self.plan.sources.append(Source(instruction.line, path, place, into_folder))

    def _place(self, what: str, path: str) -> str:
        """An absolute path in the image; raises ValueError if functions wouldn't have it from there."""
        # Two slashes at the beginning are one.
        place = "/" + posixpath.normpath(posixpath.join(self.plan.folder, path)).lstrip("/")
        if place.startswith(tuple(f"{folder}/" for folder in _MOUNTED)) or place in _MOUNTED:
            raise ValueError(f"{what} {place} (a function doesn't get {place.split('/')[1]!r} from its image)")
        return place

    def _take_run(self, instruction: Instruction) -> None:
        if instruction.rest.startswith("["):
            commands = [[self._expand(word) for word in _exec_form("RUN", instruction.rest)]]
        else:
            commands = _commands(self._expand(instruction.rest))
        for words in commands:
            self._run(instruction.line, words)

    def _run(self, line: int, words: list[str]) -> None:
        bare = words[2:] if words[1:2] == ["-m"] and _PYTHON.fullmatch(words[0]) else words
        if bare[:1] == ["compileall"] or removes_caches(words):
            # Packages are compiled as they're installed; the function's own code runs in place. Caches aren't copied.
            return
        if words[:1] and words[0] in MANAGERS:
            self.plan.packages += [(line, name) for name in parse_packages(words)]
            return
        if bare[:2] not in (["pip", "install"], ["pip3", "install"]):
            raise ValueError(f"RUN {' '.join(words)!r} (only pip install, python -m compileall and package managers)")
        install = parse_install(bare[2:])
        if install.target:
            self._place("pip's --target", install.target)
        self.plan.installs.append((line, self.plan.folder, install))

    def _take_cmd(self, instruction: Instruction) -> None:
        words = _exec_form("CMD", instruction.rest)
        if len(words) != 1 or "." not in words[0]:
            raise ValueError(f"CMD {words} (only a handler of the form module.function)")
        self._command = words

    def _take_entrypoint(self, instruction: Instruction) -> None:
        words = _exec_form("ENTRYPOINT", instruction.rest)
        runs_functions = is_functions_entry(words[:3]) and len(words) <= len(_RUNTIME_CLIENT) + 1
        self.plan.entry_point = () if runs_functions else words
        self._entry = words[3:] if runs_functions else ()


def is_functions_entry(words: Sequence[str]) -> bool:
    """Whether an entry point, without a handler, runs functions: the base image's, or the runtime interface client."""
    if tuple(words) == _FUNCTIONS_ENTRY:
        return True
    python = posixpath.basename(words[0]) if words else ""
    return python.startswith("python") and tuple(words[1:]) == _RUNTIME_CLIENT[1:]


def is_pattern(source: str) -> bool:
    """Whether a source of a COPY is a glob pattern."""
    return bool(_PATTERN & set(source))


def _exec_form(keyword: str, rest: str) -> tuple[str, ...]:
    try:
        words = json.loads(rest)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f'{keyword} in shell form (write {keyword} ["…"])')
    return tuple(words)


def _commands(line: str) -> list[list[str]]:
    if line.startswith("--") or "<<" in line:
        raise ValueError(f"RUN with {line.split()[0]}")
    commands = [shlex.split(part) for part in line.split("&&")]
    shown = [word for words in commands if not removes_caches(words) for word in words]
    odd = sorted({sign for word in shown for sign in _SHELL & set(word) if not _is_requirement(word)})
    if odd or any("&" in word for word in shown):
        raise ValueError(f"RUN with the shell syntax {''.join(odd) or '&'}")
    return commands


def _is_requirement(word: str) -> bool:
    """Whether a word is a requirement such as `numpy>=2,<3`."""
    return re.fullmatch(r"[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?([<>=!~]=?[\w.*+!,<>=~-]+)?", word) is not None


def read_plan(dockerfile: str, build_args: Mapping[str, str]) -> Plan:
    """Plan a Dockerfile's text; `refusals` lists its unsupported instructions with line numbers."""
    return _Reader(build_args).read(dockerfile)
