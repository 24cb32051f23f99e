"""`scripts/setup` shows an installation in a few lines, its progress on a terminal, and its output if it fails."""

import os
import pty
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = 225
# An installer that takes as long as a test may wait, and prints as much as uv does.
SLOW_UV = f"""#!/usr/bin/env bash
echo "Using CPython 3.13"
sleep "${{UV_SECONDS:-0}}"
for number in $(seq {PACKAGES}); do echo " + package-$number==1.0"; done
mkdir -p "$PROJECT/.venv/bin"; : > "$PROJECT/.venv/bin/python"; chmod +x "$PROJECT/.venv/bin/python"
"""
FAILING_UV = "#!/usr/bin/env bash\necho 'error: no such wheel'; echo '  hint: try another index'; exit 2\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing installed, whose `uv` comes from the folder `bin`."""
    (tmp_path / "scripts/localaws").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/setup", tmp_path / "scripts/setup")
    for name in ("pyproject.toml", "uv.lock", "scripts/localaws/pyproject.toml"):
        (tmp_path / name).write_text("")
    (tmp_path / "bin").mkdir()
    return tmp_path


def write_tool(checkout: Path, source: str, name: str = "uv") -> None:
    tool = checkout / "bin" / name
    tool.write_text(source)
    tool.chmod(0o755)


def environment(checkout: Path, seconds: int = 0) -> dict[str, str]:
    write_tool(checkout, "#!/bin/sh\n", "make")
    path = f"{checkout / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return {"PATH": path, "PROJECT": str(checkout), "UV_SECONDS": str(seconds), "HOME": str(checkout)}


COMMAND = ["bash", "-c", "set -euo pipefail; source scripts/setup; echo installed"]


def test_an_installation_is_a_few_lines_and_is_not_repeated(checkout: Path) -> None:
    write_tool(checkout, SLOW_UV)
    ran = [
        subprocess.run(
            COMMAND, cwd=checkout, env=environment(checkout), capture_output=True, text=True, timeout=60, check=True
        )
        for _ in range(2)
    ]
    assert [done.stdout for done in ran] == ["installed\n", "installed\n"]
    assert "installing Python 3.13 and the packages of uv.lock" in ran[0].stderr
    assert len(ran[0].stderr.splitlines()) == 4
    assert "package-7==1.0" not in ran[0].stderr
    assert ran[1].stderr == ""


def test_a_failed_installation_shows_the_whole_message_of_the_tool(checkout: Path) -> None:
    write_tool(checkout, FAILING_UV)
    done = subprocess.run(
        COMMAND, cwd=checkout, env=environment(checkout), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: no such wheel\n  hint: try another index\n" in done.stderr
    assert "setup: installing Python 3.13" in done.stderr
    assert not (checkout / ".venv/.installed").exists()


def test_a_full_disk_is_named_before_anything_is_installed(checkout: Path) -> None:
    write_tool(checkout, SLOW_UV)
    header = "Filesystem 1024-blocks Used Available Capacity Mounted on"
    write_tool(checkout, f"#!/bin/sh\nprintf '%s\\n' '{header}' '/dev/vda 264000000 260000000 293888 99% /'\n", "df")
    done = subprocess.run(
        COMMAND, cwd=checkout, env=environment(checkout), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    message = f"setup: installing the packages takes 3000 MB in {checkout}, whose disk has 287 MB free.\n"
    assert done.stderr == message
    assert not (checkout / ".venv").exists()


def test_a_terminal_shows_the_seconds_that_have_passed(checkout: Path) -> None:
    write_tool(checkout, SLOW_UV)
    leader, follower = pty.openpty()
    with subprocess.Popen(
        COMMAND, cwd=checkout, env=environment(checkout, seconds=3), stdout=subprocess.PIPE, stderr=follower
    ) as process:
        os.close(follower)
        shown = read_all(leader)
        assert process.wait(60) == 0
    assert ": 1 s  Using CPython 3.13" in shown
    assert ": 2 s  Using CPython 3.13" in shown
    assert "package-7==1.0" not in shown
    # The line that counts is replaced by the one that stays.
    assert re.search(r"\r\x1b\[K\x1b\[2mcompiling them [^\r]*: \d+ s\x1b\[0m\r\n$", shown)


def test_an_interrupted_installation_leaves_no_process_behind(checkout: Path) -> None:
    write_tool(checkout, SLOW_UV)
    with subprocess.Popen(
        COMMAND, cwd=checkout, env=environment(checkout, seconds=60), stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stderr
        assert b"installing" in process.stderr.readline()
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) != 0
        # The pipe ends when the last process that holds it has ended.
        process.stderr.read()
    assert not (checkout / ".venv/.installed").exists()


def test_a_second_one_says_whom_it_waits_for_and_installs_nothing_again(checkout: Path) -> None:
    write_tool(checkout, f"{SLOW_UV}echo again >> installed\nuntil [ -e go ]; do sleep 0.05; done\n")
    first, second = (
        subprocess.Popen(COMMAND, cwd=checkout, env=environment(checkout), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    )
    with first, second:
        assert first.stderr
        assert second.stderr
        # Either may be the one that installs.
        lines = {first: first.stderr.readline(), second: second.stderr.readline()}
        (waits,) = (each for each, line in lines.items() if line.startswith("waiting"))
        works = second if waits is first else first
        assert lines[waits] == f"waiting for process {works.pid}, which installs into this folder\n"
        (checkout / "go").touch()
        assert [works.wait(60), waits.wait(60)] == [0, 0]
    # The packages, and their bytecode.
    assert (checkout / "installed").read_text() == "again\n" * 2


def test_one_that_was_killed_is_not_waited_for(checkout: Path) -> None:
    write_tool(checkout, f"{SLOW_UV}touch began\nexec sleep 60\n")
    with subprocess.Popen(
        COMMAND, cwd=checkout, env=environment(checkout), stderr=subprocess.PIPE, start_new_session=True
    ) as killed:
        assert killed.stderr
        while not (checkout / "began").exists():
            assert killed.poll() is None
        os.killpg(killed.pid, signal.SIGKILL)
        killed.stderr.read()
    write_tool(checkout, SLOW_UV)
    done = subprocess.run(
        COMMAND, cwd=checkout, env=environment(checkout), capture_output=True, text=True, timeout=60, check=True
    )
    assert "waiting" not in done.stderr


def test_a_folder_that_a_symbolic_link_leads_to_is_the_same_checkout(checkout: Path, tmp_path: Path) -> None:
    write_tool(checkout, SLOW_UV)
    link = tmp_path.with_name(f"{tmp_path.name}-link")
    link.symlink_to(checkout)
    words = ["bash", "-c", 'source scripts/setup; echo "$root"']
    done = subprocess.run(words, cwd=link, env=environment(checkout), capture_output=True, text=True, check=True)
    assert done.stdout == f"{checkout.resolve()}\n"


def read_all(terminal: int) -> str:
    """What is written to a terminal until nobody holds it any more."""
    parts: list[bytes] = []
    # Linux reports the other end's closing as an input/output error.
    with suppress(OSError):
        while part := os.read(terminal, 4096):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()
