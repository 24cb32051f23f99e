"""Folders that a killed local AWS left in its state folder."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.proves("functions leftovers")
def test_the_folders_of_a_killed_run_are_removed_at_the_next_start_but_not_those_of_a_running_one(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    options = ("--state-dir", str(tmp_path))
    killed, running = start("loop.yaml", *options), start("loop.yaml", *options)
    for cloud in (killed, running):
        cloud.call(cloud.client("lambda").list_functions()["Functions"][0]["FunctionName"])
    both = set((tmp_path / "sandboxes").iterdir())
    killed.process.send_signal(signal.SIGKILL)
    killed.process.wait(15)
    (tmp_path / "layers" / ".unfinished").mkdir(parents=True)
    assert set((tmp_path / "sandboxes").iterdir()) == both
    start(None, *options)
    left = set((tmp_path / "sandboxes").iterdir())
    assert left and left < both
    assert not (tmp_path / "layers" / ".unfinished").exists()
    cloud = running.client("lambda").list_functions()["Functions"][0]["FunctionName"]
    assert running.client("lambda").invoke(FunctionName=cloud, Payload=b"{}")["StatusCode"] == 200
