from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.discovery import all_estimators

from mlops.errors.training import CompilationFailed
from mlops.training.compile import check_compilable
from mlops.training.compile.families.unsupported import REASONS
from mlops.training.compile.table import Role
from tests._compilable.roster import ALSO, OUTSIDE, TEXT, Case, cases, estimators, refusals
from tests._compilable.table import DOCUMENT, render, share, written
from tests.unit.mlops.training.compile.tables import contract, parity

# Small tables and few iterations: what is learned needn't be good.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("FutureWarning", "RuntimeWarning", "UserWarning", "sklearn.exceptions.ConvergenceWarning")
]
CASES = list(cases())
REFUSED = refusals()


def _id(case: Case) -> str:
    return f"{case.name}-{case.role}-{case.task}"


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_an_estimator_that_compiles_is_exact_at_the_probes(case: Case) -> None:
    estimator = case.make()
    kept = contract(case.task, *case.columns)
    check_compilable(estimator, kept, "candidate")
    found = parity(estimator, case.task, *case.columns, rows=200, limit=600)
    assert found.exact, (found.difference, found.worst)


@pytest.mark.parametrize(("name", "role"), REFUSED, ids=str)
def test_an_estimator_that_does_not_compile_is_refused_before_it_is_fitted(name: str, role: Role) -> None:
    # Some need arguments, and none is looked at beyond its class.
    kind: Any = estimators()[name, role]
    unfitted = kind.__new__(kind)
    candidate = make_pipeline(unfitted, LogisticRegression()) if role == "transform" else unfitted
    with pytest.raises(CompilationFailed) as raised:
        check_compilable(candidate, contract("binary"), "candidate 'first'")
    assert raised.value.step.startswith("candidate 'first'")
    assert name in raised.value.step
    assert raised.value.reason == REASONS[kind]


def test_every_estimator_of_scikit_learn_is_in_the_table_or_said_not_to_fit_tables() -> None:
    typed = {
        name for kind in ("classifier", "regressor", "transformer") for name, _ in all_estimators(type_filter=kind)
    }
    assert {name for name, _ in estimators()} | set(OUTSIDE) == typed | set(ALSO)
    tried = {(case.name, case.role) for case in CASES}
    assert tried | set(REFUSED) | {(name, "transform") for name in TEXT} == set(estimators())
    assert not tried & set(REFUSED)


def test_at_least_85_percent_of_the_estimators_that_fit_tables_compile() -> None:
    compiled, fitting = share()
    assert compiled / fitting >= 0.85


def test_the_table_in_the_documentation_is_what_the_tests_found() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert written(document, render()) == document, "run python -m tests._compilable"
