"""What isn't shown isn't assumed, and what can't be compared isn't promoted."""

from dataclasses import asdict

import numpy as np
import pytest

from mlops.evaluation.gates.champion import gate_champion
from mlops.evaluation.slices import Slice
from mlops.registry.manifest.evidence import Comparison, Verdict
from mlops.training.evaluation.champion_comparison import compare_by
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers


def beside(seed: int, champion: int, margin: float, rows: int = 400) -> Comparison:
    answers = draw_class_answers(seed, rows=rows), draw_class_answers(champion, rows=rows)
    other = type(answers[0])(answers[0].truth, answers[1].probabilities, answers[0].labels)
    north = Slice("site", "north", np.arange(60))
    found = compare_by("accuracy", answers[0], other, margin, np.random.default_rng(0), [north])
    return Comparison(version=3, rows=rows, **asdict(found))


def with_verdict(verdict: Verdict) -> Comparison:
    found = beside(1, 1, 0.01)
    assert found.overall
    return found.model_copy(update={"overall": found.overall.model_copy(update={"verdict": verdict})})


@pytest.mark.parametrize(
    ("verdict", "passed", "words"),
    [
        ("better", True, "better than version 3"),
        ("not worse", True, "as good as version 3"),
        ("undecided", False, "not shown to be as good as version 3"),
        ("worse", False, "worse than version 3"),
    ],
)
def test_only_a_candidate_that_is_shown_to_be_as_good_passes(verdict: Verdict, passed: bool, words: str) -> None:
    gate = next(gate_champion(with_verdict(verdict)))
    assert (gate.passed, gate.observed) == (passed, verdict)
    assert words in (gate.detail or "")
    assert "rows that neither was trained on" in (gate.detail or "")
    assert not gate.approvable


def test_a_slice_that_is_worse_beyond_doubt_fails_by_name() -> None:
    found = beside(1, 1, 0.01)
    harmed = found.slices[0].model_copy(update={"verdict": "worse"})
    _, gate = gate_champion(found.model_copy(update={"slices": (harmed,)}))
    assert (gate.name, gate.passed) == ("champion/slices", False)
    assert "where site = north" in (gate.detail or "")
    assert list(gate_champion(found))[1].passed


def test_the_first_version_has_no_champion_to_fear() -> None:
    (gate,) = gate_champion(None)
    assert gate.passed


def test_what_cannot_be_compared_is_left_to_a_person() -> None:
    (gate,) = gate_champion(Comparison(version=3, reason="the champion needs colour, which the dataset doesn't have"))
    assert not gate.passed
    assert gate.approvable
    assert "needs colour" in (gate.detail or "")


def test_a_candidate_must_be_as_good_as_the_best_version_too() -> None:
    found, best = with_verdict("not worse"), with_verdict("undecided").model_copy(update={"version": 2})
    gates = {gate.name: gate for gate in gate_champion(found, best)}
    assert gates["champion"].passed
    assert not gates["champion/best version"].passed
    assert "version 2" in (gates["champion/best version"].detail or "")
    gone = Comparison(version=2, reason="its files are gone")
    assert all(gate.passed for gate in gate_champion(found, gone)), "then the champion is the standard"


def test_where_the_data_contradict_the_champion_a_person_decides() -> None:
    assert all(gate.passed or gate.approvable for gate in gate_champion(with_verdict("worse"), approvable=True))


def test_the_rows_are_described_by_how_they_were_answered() -> None:
    found = with_verdict("better")
    repeated = found.model_copy(update={"fresh_rows": 100})
    assert "(100 test rows, and 300 training rows by fitting both again" in (next(gate_champion(repeated)).detail or "")
    often = next(gate_champion(repeated.model_copy(update={"repeats": 4})))
    assert "fitting both again without them, 4 times)" in (often.detail or "")
    alone = found.model_copy(update={"fresh_rows": 400, "not_repeated": "the rows are gone"})
    assert "test rows alone, since the rows are gone" in (next(gate_champion(alone)).detail or "")
