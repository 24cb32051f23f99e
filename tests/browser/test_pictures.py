"""The pictures of the docs can be taken again, and show what they showed."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.pictures import FOLDER, PICTURES, WIDTH


@pytest.mark.usefixtures("browser")
def test_each_picture_is_taken_again_in_its_size(tmp_path: Path) -> None:
    # In a process of its own: Playwright runs one at a time in each.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-m", "tests.browser.pictures", tmp_path], env=environ, check=True, timeout=240)
    for name, (_, height) in PICTURES.items():
        for file in (tmp_path / name, FOLDER / name):
            content = file.read_bytes()
            assert content.startswith(b"\x89PNG"), file
            assert struct.unpack(">II", content[16:24]) == (WIDTH, height)
            assert 20_000 < len(content) < 400_000
