"""The conformance table: true to the tests, and up to date."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from localaws_testing.conformance.catalog import ACCEPTED, Thing, leaves, things
from localaws_testing.conformance.proofs import Proof, proofs
from localaws_testing.conformance.table import read, render, unproved, written

HOW_TO = "write it anew: cd scripts/localaws/tests && python -m localaws_testing.conformance"


def test_the_table_in_the_documentation_is_the_one_that_the_tests_make() -> None:
    document = read()
    assert written(document, render(things(), proofs())) == document, HOW_TO


def test_everything_that_is_supported_is_proved_by_a_test() -> None:
    assert unproved(things(), proofs()) == [], "mark the test that proves it: @pytest.mark.proves('the name')"


def test_what_a_test_says_it_proves_is_something_that_is_supported() -> None:
    known = {thing.name for thing in things()} | {ACCEPTED}
    assert sorted(proofs().keys() - known) == []


def test_no_two_things_have_the_same_name() -> None:
    names = [thing.name for thing in things()]
    assert len(names) == len(set(names))


def test_a_structure_has_a_row_for_each_property_at_its_bottom() -> None:
    rule = {"$by": "Type", "A": {"*": {"Properties": {"B": ["x", "y"]}}}, "C": True, "D": "no meaning here"}
    found = {".".join(path): how for path, how in leaves(rule)}
    assert found == {"A.B": "only `x`, `y`", "C": "done", "D": "accepted: no meaning here"}


def a_test(tmp_path: Path, source: str) -> dict[str, list[Proof]]:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(dedent(source))
    return proofs(tmp_path)


def test_marks_are_read_from_tests_and_from_their_cases(tmp_path: Path) -> None:
    source = """
        @pytest.mark.proves("one", "two")
        @pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.proves("three"))])
        def test_it(x): ...
    """
    found = a_test(tmp_path, source)
    assert found == {name: [Proof("tests/test_it.py", 4, "test_it")] for name in ("one", "two", "three")}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("@pytest.mark.proves(*MANY)\ndef test_it(): ...", "plain strings"),
        ("pytestmark = pytest.mark.proves('one')", "on tests only"),
    ],
)
def test_marks_that_can_not_be_read_are_refused(tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        a_test(tmp_path, source)


def test_a_thing_that_no_test_proves_is_shown_as_such() -> None:
    known = [Thing("S", "a", "a"), Thing("S", "b", "b"), Thing("S", "c", "c", "accepted: no meaning here")]
    found = {"a": [Proof("tests/test_it.py", 4, "test_it_works")], ACCEPTED: [Proof("tests/test_it.py", 9, "test_all")]}
    assert unproved(known, found) == ["b"]
    lines = render(known, found).splitlines()
    assert lines[4:] == [
        "| `a` | done | [it works](../tests/test_it.py) |",
        "| `b` | done | **not proved yet** |",
        "| `c` | accepted: no meaning here | [all](../tests/test_it.py) |",
    ]
