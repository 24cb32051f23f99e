"""Nobody waits in silence: a step shows that it goes on, on a terminal and in a log."""

import io
import time

import pytest
from rich.console import Console

from loop.screen import Screen


def test_a_terminal_shows_the_latest_note_and_the_seconds_so_far() -> None:
    shown = io.StringIO()
    screen = Screen(Console(file=shown, force_terminal=True, width=120, color_system=None))
    with screen.step("local AWS runs template.yaml"):
        screen.note("building layer ServingLayer")
        time.sleep(1.2)
    assert "local AWS runs template.yaml (building layer ServingLayer) … 1 s" in shown.getvalue()
    assert "✓ local AWS runs template.yaml 1." in shown.getvalue()


def test_a_log_gets_a_line_now_and_then_and_no_control_characters() -> None:
    shown = io.StringIO()
    screen = Screen(Console(file=shown), heartbeat=0.1)
    with screen.step("local AWS runs template.yaml"):
        screen.note("building layer ServingLayer")
        time.sleep(0.35)
    lines = shown.getvalue().splitlines()
    assert lines[0] == "  building layer ServingLayer"
    assert 2 <= lines.count("  local AWS runs template.yaml (building layer ServingLayer) … 0 s") <= 3
    assert lines[-1].startswith("✓ local AWS runs template.yaml 0.")
    assert "\x1b" not in shown.getvalue()


def test_a_step_that_fails_is_not_printed_as_done_and_ends_its_heartbeat() -> None:
    shown = io.StringIO()
    screen = Screen(Console(file=shown), heartbeat=0.05)
    with pytest.raises(OSError, match="port"), screen.step("MLflow answers"):
        raise OSError("port")
    before = shown.getvalue()
    time.sleep(0.2)
    assert shown.getvalue() == before == ""
