"""Replacing parts of a library, and finding that they're gone."""

from __future__ import annotations

import pytest

from localaws.errors import LocalAwsError
from localaws.seams import Seams


class Library:
    """Something to change."""

    def answer(self) -> int:
        return 1


def test_a_replacement_can_be_undone() -> None:
    seams = Seams()
    seams.replace(Library, "answer", lambda original: lambda self: original(self) + 1)
    seams.replace(Library, "answer", lambda original: lambda self: original(self) * 10)
    assert Library().answer() == 20
    seams.restore()
    assert Library().answer() == 1


def test_a_seam_that_is_gone_is_named() -> None:
    with pytest.raises(LocalAwsError, match=r"Library\.question is gone"):
        Seams().replace(Library, "question", lambda original: original)
