"""The rule for names that a model with private columns doesn't have, and for texts that it has learnt."""

import pytest

from mlops.contract import Column, Contract, Target
from mlops.errors.serving import InputRejected
from mlops.errors.violations import Violation
from mlops.privacy import hide_names, learnt_text_notes, learnt_texts, private_columns

TARGET = Target(name="y", task="regression")
PUBLIC = Contract(columns=(Column(name="a"), Column(name="b", kind="category")), target=TARGET)
PRIVATE = Contract(columns=(Column(name="a"), Column(name="b", kind="category", privacy="hash")), target=TARGET)

NAMED = [
    Violation(rule="unknown", row=3, column="Smith", message="the model has no column 'Smith'"),
    Violation(rule="unknown", message="the body has only 'rows', not 'Smith'"),
    Violation(rule="unknown", column="a", message="inputs have no parameter 'Smith'"),
    Violation(rule="twice", column="Smith", message="Smith stands twice"),
    Violation(rule="shape", column="Smith", message="'Smith': it has 2 values for the shape [3]"),
]
OTHERS = [
    Violation(rule="missing", column="a", message="a is missing"),
    Violation(rule="type", row=1, message="a row must be a list of cells"),
    Violation(rule="shape", column="numbers", message="'numbers': it has 2 values for the shape [3]"),
]


@pytest.mark.parametrize("violation", NAMED, ids=lambda violation: violation.message)
def test_a_name_that_the_contract_does_not_have_is_hidden_with_its_rule_and_row_kept(violation: Violation) -> None:
    found = hide_names(InputRejected([violation], total=7), PRIVATE)
    (hidden,) = found.violations
    assert "Smith" not in str(found) + str(hidden.to_dict())
    assert (hidden.rule, hidden.row, found.total) == (violation.rule, violation.row, 7)
    assert hidden.column == (violation.column if violation.column == "a" else None)


@pytest.mark.parametrize("violation", OTHERS, ids=lambda violation: violation.message)
def test_what_names_only_the_contract_stays(violation: Violation) -> None:
    assert hide_names(InputRejected([violation]), PRIVATE).violations == (violation,)


def test_a_model_without_private_columns_names_everything() -> None:
    error = InputRejected([*NAMED, *OTHERS])
    assert hide_names(error, PUBLIC) is error
    assert private_columns(PUBLIC) == ()


def test_many_hidden_names_are_one_violation() -> None:
    many = [Violation(rule="unknown", column=f"x{number}", message=f"x{number}") for number in range(100)]
    found = hide_names(InputRejected(many, total=500), PRIVATE)
    assert (len(found.violations), found.total) == (1, 500)


def test_private_texts_that_the_contract_does_not_list_are_noted() -> None:
    listed = PRIVATE.columns[1].model_copy(update={"categories": ("x", "y")})
    assert (learnt_texts(PRIVATE), learnt_texts(PUBLIC)) == (("b",), ())
    assert learnt_texts(PRIVATE.model_copy(update={"columns": (listed,)})) == ()
    assert "'b'" in learnt_text_notes(PRIVATE)[0]
