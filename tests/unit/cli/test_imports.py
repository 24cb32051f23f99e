"""The command line starts fast: a person who rolls back at night doesn't wait for training's libraries."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAVY = ("matplotlib", "mlflow", "optuna", "pandas", "scipy", "sklearn", "skops")


def test_the_command_line_imports_no_library_of_training_at_its_start() -> None:
    code = f"import sys, cli.__main__; print([name for name in {HEAVY} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'scripts'}{os.pathsep}{ROOT / 'functions'}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
