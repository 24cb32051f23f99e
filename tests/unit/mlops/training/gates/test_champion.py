"""What isn't shown isn't assumed, and what can't be compared isn't promoted."""

from dataclasses import asdict

import numpy as np
import pytest

from mlops.evaluation.slices import Slice
from mlops.registry.manifest.evidence import Comparison, Verdict
from mlops.training.evaluation.champion_comparison import compare_by
from mlops.training.gates.champion import gate_champion
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
    assert "fresh rows" in (gate.detail or "")


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
    assert "needs colour" in (gate.detail or "")
    assert "by hand" in (gate.detail or "")
