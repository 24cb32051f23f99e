"""One id however it's spelled."""

import pytest

from mlops.artifact.identifiers import spell_id


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a1", "a1"),
        ("  a1\u00a0", "a1"),
        (7, "7"),
        (7.0, "7"),
        ("7.0", "7"),
        (" 7.000 ", "7"),
        ("-7.0", "-7"),
        ("0.0", "0"),
        (1e20, "100000000000000000000"),
        (7.5, "7.5"),
        ("007", "007"),
        ("007.0", "007.0"),
        ("7.", "7."),
        ("1.0.0", "1.0.0"),
        ("", ""),
        (" ", ""),
        ("\u200b \ufeff", ""),
        ("\u200ba", "\u200ba"),
    ],
)
def test_blanks_and_zeros_after_the_point_make_no_other_id(given: str | float, expected: str) -> None:
    assert spell_id(given) == expected


@pytest.mark.parametrize("given", ["Red  Shoe", "red shoe", " RED\tSHOE ", "\ufeffred\u200b shoe", "red \u200b shoe"])
def test_case_and_inner_blanks_make_another_id_unless_they_are_folded(given: str) -> None:
    assert spell_id(given, fold_case=True) == "red shoe"


@pytest.mark.parametrize("given", ["caf\u00e9", "cafe\u0301", "CAF\u00c9", "cafe\u0301\u00ad"])
def test_what_looks_the_same_is_one_id_if_it_is_folded(given: str) -> None:
    assert spell_id(given, fold_case=True) == "caf\u00e9"


def test_a_number_with_something_invisible_is_that_number_if_it_is_folded() -> None:
    assert spell_id("7.0\u200b", fold_case=True) == "7"


def test_case_tells_ids_apart_by_default() -> None:
    assert spell_id("ABC") != spell_id("abc")
