"""The conformance table matches the tests and is up to date."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from localaws_testing.conformance.catalog import ACCEPTED, Feature, features, leaves
from localaws_testing.conformance.proofs import Proof, proofs
from localaws_testing.conformance.table import read, render, replace_table, untested

HOW_TO = "update it: cd scripts/localaws/tests && python -m localaws_testing.conformance"


def test_the_table_in_the_documentation_is_up_to_date() -> None:
    document = read()
    assert replace_table(document, render(features(), proofs())) == document, HOW_TO


def test_every_feature_has_a_test() -> None:
    assert untested(features(), proofs()) == [], "mark its test: @pytest.mark.proves('the feature')"


def test_every_mark_names_a_feature() -> None:
    known = {thing.name for thing in features()} | {ACCEPTED}
    assert sorted(proofs().keys() - known) == []


def test_feature_names_are_unique() -> None:
    names = [thing.name for thing in features()]
    assert len(names) == len(set(names))


def test_a_structure_has_a_row_for_each_innermost_property() -> None:
    rule = {"$by": "Type", "A": {"*": {"Properties": {"B": ["x", "y"]}}}, "C": True, "D": "no meaning here"}
    found = {".".join(path): how for path, how in leaves(rule)}
    assert found == {"A.B": "only `x`, `y`", "C": "supported", "D": "no effect: no meaning here"}


def a_test(tmp_path: Path, source: str) -> dict[str, list[Proof]]:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(dedent(source))
    return proofs(tmp_path)


def test_marks_are_read_from_tests_and_parametrized_cases(tmp_path: Path) -> None:
    source = """
        @pytest.mark.proves("one", "two")
        @pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.proves("three"))])
        def test_it(x): ...
    """
    found = a_test(tmp_path, source)
    assert found == {name: [Proof("tests/test_it.py", 4, "test_it")] for name in ("one", "two", "three")}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("@pytest.mark.proves(*MANY)\ndef test_it(): ...", "string literals"),
        ("pytestmark = pytest.mark.proves('one')", "on test functions only"),
    ],
)
def test_invalid_marks_are_refused(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        a_test(tmp_path, source)


def test_a_feature_without_a_test_is_shown_as_such() -> None:
    known = [Feature("S", "a", "a"), Feature("S", "b", "b"), Feature("S", "c", "c", "no effect: no meaning here")]
    found = {"a": [Proof("tests/test_it.py", 4, "test_it_works")], ACCEPTED: [Proof("tests/test_it.py", 9, "test_all")]}
    assert untested(known, found) == ["b"]
    lines = render(known, found).splitlines()
    assert lines[4:] == [
        "| `a` | supported | [it works](../tests/test_it.py) |",
        "| `b` | supported | **none** |",
        "| `c` | no effect: no meaning here | [all](../tests/test_it.py) |",
    ]
