"""Replacing attributes of a library, and naming the ones that are missing."""

from __future__ import annotations

import pytest

from localaws.errors import LocalAwsError
from localaws.moto_patches import MotoPatches


class Library:
    """Something to change."""

    def answer(self) -> int:
        return 1


def test_a_replacement_can_be_undone() -> None:
    patches = MotoPatches()
    patches.replace(Library, "answer", lambda original: lambda self: original(self) + 1)
    patches.replace(Library, "answer", lambda original: lambda self: original(self) * 10)
    assert Library().answer() == 20
    patches.restore()
    assert Library().answer() == 1


def test_a_missing_attribute_is_named() -> None:
    with pytest.raises(LocalAwsError, match=r"has no Library\.question"):
        MotoPatches().replace(Library, "question", lambda original: original)


def test_an_addition_can_be_undone() -> None:
    patches = MotoPatches()
    patches.add(Library, "question", lambda _: "why")
    assert Library().question() == "why"  # type: ignore[attr-defined]
    patches.restore()
    assert not hasattr(Library, "question")


def test_an_addition_of_something_that_exists_is_named() -> None:
    with pytest.raises(LocalAwsError, match=r"Library\.answer, which local AWS adds itself"):
        MotoPatches().add(Library, "answer", lambda _: 2)
