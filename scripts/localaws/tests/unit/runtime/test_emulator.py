import os
from pathlib import Path

import pytest

from localaws.runtime.emulator import find_emulator
from localaws.runtime.errors import EmulatorMissing


def test_it_is_found_and_is_executable(tmp_path: Path) -> None:
    assert os.access(find_emulator(tmp_path, system="linux", machine="x86_64"), os.X_OK)


def test_each_architecture_has_its_own(tmp_path: Path) -> None:
    assert find_emulator(tmp_path, system="linux", machine="aarch64").name == "aws-lambda-rie-arm64"


def test_an_emulator_that_is_not_executable_is_copied_to_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    copy = find_emulator(tmp_path / "cache", system="linux", machine="x86_64")
    assert copy == tmp_path / "cache" / "aws-lambda-rie-x86_64"
    assert copy.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [copy.name]


@pytest.mark.parametrize(
    ("system", "machine", "remedy"),
    [("darwin", "arm64", "use `sam local` with Docker"), ("linux", "riscv64", "use an x86_64 or arm64 machine")],
)
def test_an_unsupported_machine_is_reported_with_the_remedy(
    tmp_path: Path, system: str, machine: str, remedy: str
) -> None:
    with pytest.raises(EmulatorMissing, match=remedy):
        find_emulator(tmp_path, system=system, machine=machine)
