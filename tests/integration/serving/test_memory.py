"""Requests leave nothing behind."""

import json
import os
import subprocess
import sys

from tests.integration.serving.conftest import ROOT

REQUESTS = 100_000


def test_memory_is_flat_after_a_hundred_thousand_requests() -> None:
    places = [ROOT / "functions", ROOT / "scripts", ROOT]
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.serving.memory", str(REQUESTS)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert sum(seen["statuses"].values()) == REQUESTS
    assert seen["statuses"].keys() == {"200", "404", "422"}
    assert seen["blocks"] < 2_000, "one block in fifty requests would be a leak"
    assert seen["bytes"] < 16_000_000, "as would 160 bytes a request"
