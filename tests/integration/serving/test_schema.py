"""The API keeps the promises of its OpenAPI document, whatever is asked of it."""

import re
import subprocess
import sys
from pathlib import Path

from tests.integration.serving.server import serve
from tests.integration.serving.trained import train_diagnosis

CONFIG = Path(__file__).with_name("schemathesis.toml")
CASES = 5_000


def test_schemathesis_finds_no_broken_promise(tmp_path: Path) -> None:
    # A low limit on rows keeps the bodies that break it small.
    with serve(train_diagnosis().store, max_rows=100) as address:
        tool: list[str | Path] = [Path(sys.executable).with_name("st"), "--config-file", CONFIG]
        limits = ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "50", "--seed", "1"]
        done = subprocess.run(
            [*tool, "run", f"http://{address}/openapi.json", "--checks", "all", *limits],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Operations:       18 selected / 18 total" in done.stdout
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated
    assert int(generated[1]) >= CASES
