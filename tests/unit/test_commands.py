"""Each command explains itself under the name that people type."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("module", "typed"),
    [
        ("cli", "scripts/mlops"),
        ("loop", "scripts/start"),
        ("localaws", "localaws"),
    ],
)
def test_a_commands_help_names_it_as_it_is_typed(module: str, typed: str) -> None:
    places = [ROOT / "scripts", ROOT / "functions"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)), "COLUMNS": "120"}
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True, env=environment
    )
    assert f"usage: {typed} " in " ".join(done.stdout.split()).replace("Usage:", "usage:")


def test_the_tests_say_their_parts_and_refuse_another_by_name() -> None:
    parts = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    told = subprocess.run([ROOT / "scripts/test", "--help"], capture_output=True, text=True, check=True).stdout
    assert parts <= set(told.split())
    done = subprocess.run([ROOT / "scripts/test", "nonsense"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no part 'nonsense'; there is: browser contract e2e" in done.stderr
