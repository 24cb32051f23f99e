"""What the tests of properties share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def archive() -> Callable[[str, str], bytes]:
    """Makes a zip of one file from its name and source."""

    def make(name: str, source: str) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(name, source)
        return content.getvalue()

    return make
