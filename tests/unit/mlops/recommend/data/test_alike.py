"""Ids that look alike are named, and learnt as what they are."""

import numpy as np
import pytest

from mlops.recommend.data.alike import describe_alike, describe_unlisted


def ids(*texts: str) -> np.ndarray:
    return np.array(sorted(texts), dtype=object)


ALIKE = {
    "case": ("Shoe", "shoe"),
    "inner blanks": ("red shoe", "red  shoe"),
    "a zero-width space": ("shoe", "sh\u200boe"),
    "a byte order mark": ("shoe", "\ufeffshoe"),
    "a soft hyphen": ("shoe", "shoe\u00ad"),
    "accents": ("caf\u00e9", "cafe\u0301"),
}


@pytest.mark.parametrize("kind", ALIKE)
def test_ids_that_look_alike_are_named_with_what_makes_them_one(kind: str) -> None:
    first, second = sorted(ALIKE[kind])
    (sentence,) = describe_alike(ids("boot", first, second), "items", show=True)
    assert sentence.startswith("The ids of 2 items differ from another one's in letters' case, blanks, invisible")
    assert repr(first) in sentence
    assert repr(second) in sentence
    assert "set fold_case=True in the spec" in sentence


def test_what_spreadsheets_do_to_codes_is_named() -> None:
    (sentence,) = describe_alike(ids("007", "7", "0", "00x", "70"), "items", show=True)
    assert sentence.startswith(
        "The ids of 2 items differ from another one's in leading zeros alone, such as '007' and '7'"
    )


def test_private_ids_are_in_no_sentence() -> None:
    for sentence in describe_alike(ids("Smith", "smith", "07", "7"), "users", show=False):
        assert "mith" not in sentence
        assert "'" not in sentence.replace("another one's", "").replace("letters' case", "")


def test_ids_that_are_different_are_not_named() -> None:
    assert [*describe_alike(ids("a", "b", "10", "1", "0"), "items", show=True)] == []
    assert [*describe_alike(ids(), "items", show=True)] == []


@pytest.mark.parametrize("listed", ["I1", " i1".strip() + "\u200b", "i\u00ad1"])
def test_an_item_that_the_catalogue_spells_otherwise_is_named(listed: str) -> None:
    (sentence,) = describe_unlisted(ids("i1", "i2", "gone"), ids(listed, "i2", "i3"))
    assert sentence.startswith("The catalogue doesn't list 1 items of the dataset")
    assert f"such as {listed!r} for 'i1'" in sentence


def test_leading_zeros_of_a_catalogue_are_named() -> None:
    (sentence,) = describe_unlisted(ids("7", "8"), ids("0007", "0008"))
    assert "doesn't list 2 items" in sentence
    assert "leading zeros" in sentence


def test_items_that_are_gone_from_the_catalogue_are_nothing_to_name() -> None:
    assert [*describe_unlisted(ids("i1", "gone"), ids("i1", "i2"))] == []
