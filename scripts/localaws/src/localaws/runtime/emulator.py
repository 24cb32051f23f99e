"""Finds AWS's Runtime Interface Emulator, which is part of the aws-sam-cli package."""

import os
import platform
import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path

from localaws.runtime.errors import EmulatorMissing

_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def find_emulator(cache: Path, system: str = sys.platform, machine: str | None = None) -> Path:
    """The path of the emulator for this machine; if it isn't executable, it's copied to `cache`.

    Raises EmulatorMissing if it isn't installed or can't run on this machine.
    """
    if system != "linux":
        raise EmulatorMissing(
            f"AWS's Runtime Interface Emulator is a Linux program and this is {system}: "
            "run local AWS in a Linux virtual machine or container, or use `sam local` with Docker."
        )
    machine = machine or platform.machine()
    architecture = _ARCHITECTURES.get(machine.lower())
    if architecture is None:
        raise EmulatorMissing(
            f"AWS's Runtime Interface Emulator has no build for {machine!r}: use an x86_64 or arm64 machine."
        )
    name = f"aws-lambda-rie-{architecture}"
    try:
        resource = files("samcli.local.rapid") / name
    except ModuleNotFoundError as missing:
        raise EmulatorMissing(
            "aws-sam-cli, which contains the emulator, isn't installed: reinstall localaws."
        ) from missing
    with as_file(resource) as found:
        if not found.is_file():
            raise EmulatorMissing(f"the installed aws-sam-cli doesn't contain {name}: reinstall localaws.")
        if os.access(found, os.X_OK):
            return found.resolve()
        copy = cache / name
        if not copy.exists():
            cache.mkdir(parents=True, exist_ok=True)
            unfinished = copy.with_suffix(f".{os.getpid()}")
            shutil.copyfile(found, unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(copy)
        return copy
