"""Which names executions can have."""

from __future__ import annotations

import pytest

from localaws.stepfunctions.requirements import is_execution_name


@pytest.mark.parametrize("name", ["a", "run-1_2.3", "x" * 80, "größe", "a=b", "a@b", "a(b)!'+"])
def test_names_of_ordinary_characters(name: str) -> None:
    assert is_execution_name(name)


@pytest.mark.parametrize(
    "character", list(' \t\n<>{}[]?*"#%\\^|~`$&,;:/\x00\x1f\x7f\x9f\ufffe\uffff\U0010ffff'), ids=repr
)
def test_names_with_a_character_that_aws_excludes(character: str) -> None:
    assert not is_execution_name(f"a{character}b")


@pytest.mark.parametrize("name", ["", "x" * 81], ids=["empty", "81"])
def test_names_of_a_length_that_aws_excludes(name: str) -> None:
    assert not is_execution_name(name)
