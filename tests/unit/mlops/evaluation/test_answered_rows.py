import numpy as np
import pytest

from mlops.evaluation.answered_rows import AnsweredRows, dump_rows, load_rows, sample_held_out
from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers


def _classes(rows: int = 50, threshold: float | None = 0.3) -> AnsweredRows:
    rng = np.random.default_rng(0)
    chance = rng.random(rows)
    answers = ClassAnswers(
        rng.integers(0, 2, rows), np.column_stack([1 - chance, chance]), ("böse", "gut"), 0, threshold
    )
    return AnsweredRows(answers, rng.normal(size=(rows, 3)).astype(np.float32).astype(np.float64), ordered=True)


@pytest.mark.parametrize("threshold", [None, 0.3])
def test_a_classifier_s_reference_is_read_as_it_was_written(threshold: float | None) -> None:
    before = _classes(threshold=threshold)
    after = load_rows(dump_rows(before))
    assert isinstance(before.answers, ClassAnswers)
    assert isinstance(after.answers, ClassAnswers)
    assert np.array_equal(after.answers.truth, before.answers.truth)
    assert np.array_equal(after.answers.probabilities, before.answers.probabilities)
    assert (after.answers.labels, after.answers.positive) == (("böse", "gut"), 0)
    assert after.answers.threshold == threshold
    assert after.inputs is not None
    assert before.inputs is not None
    assert np.array_equal(after.inputs, before.inputs)
    assert after.ordered


def test_a_regression_s_reference_is_read_as_it_was_written() -> None:
    before = AnsweredRows(ValueAnswers(np.array([1.0, 2.5]), np.array([1.5, 2.0])))
    after = load_rows(dump_rows(before))
    assert isinstance(after.answers, ValueAnswers)
    assert after.answers.truth.tolist() == [1.0, 2.5]
    assert after.answers.predictions.tolist() == [1.5, 2.0]
    assert after.inputs is None
    assert not after.ordered


def test_the_same_reference_is_the_same_bytes() -> None:
    assert dump_rows(_classes()) == dump_rows(_classes())


def test_a_large_reference_is_sampled_in_its_order() -> None:
    capped = sample_held_out(_classes(1000), np.random.default_rng(0), most=100)
    whole = _classes(1000)
    assert len(capped) == 100
    assert capped.inputs is not None
    assert whole.inputs is not None
    places = [int(np.flatnonzero((whole.inputs == row).all(axis=1))[0]) for row in capped.inputs]
    assert places == sorted(set(places))


def test_wide_rows_leave_room_for_fewer() -> None:
    assert len(sample_held_out(_classes(1000), np.random.default_rng(0), cells=600)) == 100


def test_inputs_of_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="2 answers have inputs of 3 rows"):
        AnsweredRows(ValueAnswers(np.zeros(2), np.ones(2)), np.zeros((3, 1)))
