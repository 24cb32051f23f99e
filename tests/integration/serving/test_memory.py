"""Requests leave nothing behind."""

import json
import os
import subprocess
import sys

from tests.integration.serving.conftest import ROOT


def test_memory_is_flat_after_five_thousand_requests() -> None:
    places = [ROOT / "functions", ROOT / "scripts", ROOT]
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.serving.memory", "5000"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["statuses"] == [200, 200, 200, 422, 404]
    assert seen["blocks"] < 1_000, "one block in five requests would be a leak"
