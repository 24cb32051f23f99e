"""Starts processes, each in a root file system of its own if asked to, and reports their ids. Run as a program.

It's a small process with one thread, so that a start costs a fork of a small process, and so that namespaces can be
left and entered: local AWS itself has many threads. It uses only the standard library, and can't import local AWS.

Standard input has one JSON object per line, each answered by one on standard output: `{"start": …}` starts a process,
in a session of its own, and returns its `pid`; `{"end": pid}` takes note of its end, until which its id isn't reused,
and returns its exit code; `{"try": …}` prepares a root and returns why that failed, or null. It doesn't end by itself:
the watchdog ends it, with what it started.
"""

import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

_MS_RDONLY, _MS_NOSUID, _MS_NODEV = 1, 2, 4
_MS_BIND, _MS_REC, _MS_SLAVE = 4096, 16384, 1 << 19
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY = 1
_PR_CAPBSET_DROP, _CAP_SYS_ADMIN = 24, 21
# glibc has no function for these: their numbers are the same on arm64 and, for the first one, on all architectures.
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
# AWS's execution environment has no /dev/shm, so multiprocessing's queues and pools fail there too.
_DEVICES = ("null", "zero", "full", "random", "urandom")
_DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}

# The exit code of a program that can't be executed, as shells have it.
_NOT_EXECUTABLE = 127

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


def _check(result: int, step: str) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{step}: {os.strerror(code)}")


def _mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind, options)]
    made = _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    _check(made, f"mounting {kind or source} on {target}")


class Root:
    """Makes a root file system from folders of this machine, read-only but for its /tmp, and enters it.

    `place` is an empty folder. `base` are folders whose contents the root shows, the first one over the others; `links`
    maps paths to the texts of links; each of `mounts` is a path and its sources: a file or folder, or several folders,
    of which the first one is over the others. `tmp_mb` is the size of /tmp in MB.
    """

    def __init__(
        self, place: str, base: list[str], links: dict[str, str], mounts: list[tuple[str, list[str]]], tmp_mb: int
    ) -> None:
        self._place, self._base, self._links, self._mounts, self._tmp_mb = place, base, links, mounts, tmp_mb

    def enter(self) -> None:
        """Enter new namespaces and the root; raises OSError naming the step that failed."""
        _unshare()
        # What's mounted here isn't seen by others, and what they unmount is unmounted here.
        _mount("none", "/", flags=_MS_REC | _MS_SLAVE)
        _mount("tmpfs", self._place, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755")
        self._make_mount_points()
        if self._base:
            _overlay([self._place, *self._base], self._place)
        for path, sources in self._mounts:
            _overlay(sources, self._at(path)) if len(sources) > 1 else _bind(sources[0], self._at(path))
        for device in _DEVICES:
            _bind(f"/dev/{device}", self._at(f"/dev/{device}"))
        self._make_read_only()
        _bind("/proc", self._at("/proc"))
        _mount("tmpfs", self._at("/tmp"), "tmpfs", _MS_NOSUID | _MS_NODEV, f"mode=700,size={self._tmp_mb}m")  # noqa: S108
        os.chdir(self._place)
        # The old root is mounted over the new one, so that no folder is needed for it, and then unmounted.
        _check(_libc.syscall(_SYS_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
        _check(_libc.umount2(b".", _MNT_DETACH), "unmounting the old root")
        # Without it, a function that runs as root can't undo what's read-only.
        _check(_libc.prctl(_PR_CAPBSET_DROP, _CAP_SYS_ADMIN, 0, 0, 0), "giving up CAP_SYS_ADMIN")

    def _make_mount_points(self) -> None:
        inside: list[str] = []
        for path, sources in [*self._mounts, ("/proc", ["/proc"]), ("/tmp", ["/proc"])]:  # noqa: S108
            # A path below another one is in what's mounted there.
            if not any(path.startswith(f"{other}/") for other in inside):
                self._make_mount_point(path, file=not Path(sources[0]).is_dir())
                inside.append(path)
        for device in _DEVICES:
            self._make_mount_point(f"/dev/{device}", file=True)
        for path, text in {**self._links, **{f"/dev/{name}": text for name, text in _DEVICE_LINKS.items()}}.items():
            Path(self._at(path)).symlink_to(text)

    def _make_mount_point(self, path: str, *, file: bool) -> None:
        at = Path(self._at(path))
        (at.parent if file else at).mkdir(parents=True, exist_ok=True)
        if file:
            at.touch()

    def _make_read_only(self) -> None:
        wanted = _MountAttributes(_MOUNT_ATTR_RDONLY, 0, 0, 0)
        made = _libc.syscall(
            _SYS_MOUNT_SETATTR,
            _AT_FDCWD,
            self._place.encode(),
            _AT_RECURSIVE,
            ctypes.byref(wanted),
            ctypes.c_size_t(ctypes.sizeof(wanted)),
        )
        _check(made, "mount_setattr")

    def _at(self, path: str) -> str:
        return self._place + path


def _unshare() -> None:
    """Enter a new mount namespace; without the right to, with a new user namespace, where this user has that right."""
    try:
        os.unshare(os.CLONE_NEWNS)
        return
    except PermissionError:
        user, group = os.getuid(), os.getgid()
    _check(_libc.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNS), "making user and mount namespaces")
    for name, line in {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}.items():
        Path(f"/proc/self/{name}").write_text(line, encoding="ascii")


def _bind(source: str, target: str) -> None:
    # With what's mounted below it: in a user namespace, nothing can be bound without that.
    _mount(source, target, flags=_MS_BIND | _MS_REC)


def _overlay(folders: list[str], target: str) -> None:
    """Show folders as one; a file of an earlier one hides those of the same name in later ones."""
    opened = [os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in folders]
    # By descriptor: paths may be long, and have the separators of options in them.
    lower = ":".join(f"/proc/self/fd/{descriptor}" for descriptor in opened)
    try:
        _mount("overlay", target, "overlay", _MS_RDONLY | _MS_NOSUID | _MS_NODEV, f"lowerdir={lower}")
    finally:
        for descriptor in opened:
            os.close(descriptor)


@contextlib.contextmanager
def _forked() -> Iterator[int]:
    """Fork: yields the child's id, and 0 in the child, which must not return."""
    pid = os.fork()
    try:
        yield pid
    finally:
        if pid == 0:
            traceback.print_exc()
            os._exit(70)


def _start(
    argv: list[str],
    program: str | None,
    environment: dict[str, str],
    folder: str,
    log: str,
    root: dict[str, Any] | None,
    both_outputs: bool,
) -> int:
    """Start a process whose errors, and those of its start, go to the file `log`; returns its id.

    `program` is the file to run: it's opened first, so that the root needn't have it. Without one, the first of `argv`
    is looked for in the PATH of `environment`, in the root. With `both_outputs` its standard output goes to `log` too.
    """
    with _forked() as pid:
        if pid == 0:
            _become(argv, program, environment, folder, log, root, both_outputs)
    return pid


def _become(
    argv: list[str],
    program: str | None,
    environment: dict[str, str],
    folder: str,
    log: str,
    root: dict[str, Any] | None,
    both_outputs: bool,
) -> NoReturn:
    os.setsid()
    nothing, errors = os.open(os.devnull, os.O_RDWR), os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
    for descriptor, wanted in ((nothing, 0), (errors if both_outputs else nothing, 1), (errors, 2)):
        os.dup2(descriptor, wanted)
    opened = None if program is None else os.open(program, os.O_PATH)
    if root:
        Root(**root).enter()
    os.chdir(folder)
    # Python ignores them, and what's ignored stays so in a program that's executed.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    if opened is not None:
        os.execve(opened, argv, environment)  # noqa: S606
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606
    except OSError as error:
        os.write(2, f"exec: {argv[0]}: {error.strerror}\n".encode())
        os._exit(_NOT_EXECUTABLE)


def _try(root: dict[str, Any]) -> str | None:
    """Enter a root in a process of its own; returns what failed, or None."""
    reading, writing = os.pipe()
    with _forked() as pid:
        if pid == 0:
            try:
                Root(**root).enter()
            except OSError as error:
                os.write(writing, str(error.strerror).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        failed = answer.read()
    os.waitpid(pid, 0)
    return failed or None


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    if "start" in request:
        return {"pid": _start(**request["start"])}
    if "end" in request:
        _, status = os.waitpid(request["end"], 0)
        return {"code": os.waitstatus_to_exitcode(status)}
    return {"failed": _try(request["try"])}


if __name__ == "__main__":
    for asked in sys.stdin:
        print(json.dumps(_answer(json.loads(asked))), flush=True)
    # Local AWS has ended. While this process is there, the watchdog finds by it what it started.
    signal.pause()
