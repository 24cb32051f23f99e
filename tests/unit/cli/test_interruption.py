"""Ctrl-C at any moment ends a command without a traceback."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# A module that waits takes the place of one that is imported, so that the signal arrives within the imports.
_WAITS = """
import sys
sys.path.insert(0, {folder!r})
import runpy
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("module", ["cli", "loop", "loop.tour"])
def test_ctrl_c_while_a_command_is_imported_is_no_traceback(tmp_path: Path, module: str) -> None:
    (tmp_path / "typer.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen(
        [sys.executable, "-c", _WAITS.format(folder=str(tmp_path), module=module)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{ROOT / 'scripts'}:{ROOT / 'functions'}"},
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == -signal.SIGINT
        assert process.stderr.read() == ""


def test_where_ctrl_c_is_ignored_it_stays_so() -> None:
    code = (
        "import signal; from cli.interruption import end_at_once, raise_interrupts\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN); end_at_once(); raise_interrupts()\n"
        "print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    )
    environment = {"PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "True\n"
