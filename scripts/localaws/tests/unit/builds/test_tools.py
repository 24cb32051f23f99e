from pathlib import Path

import pytest

from localaws.builds.errors import BuildFailed
from localaws.builds.tools import run_tool


def test_a_failed_tool_is_named_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"(?s)making x failed: `sh -c .*` exited with status 3:\nbroken"):
        run_tool("making x", ["sh", "-c", "echo broken >&2; exit 3"], tmp_path)
