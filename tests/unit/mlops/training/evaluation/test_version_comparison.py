"""The rows whose answer changed, and which way."""

import numpy as np

from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.training.evaluation.version_comparison import count_turns, find_changes

LABELS = ("oak", "ash")


def answers(*ash: float, truth: tuple[int, ...] = (1, 1, 0, 0)) -> ClassAnswers:
    chances = np.array(ash)
    return ClassAnswers(np.array(truth, dtype=np.intp), np.column_stack([1 - chances, chances]), LABELS)


BEFORE = answers(0.9, 0.2, 0.1, 0.4)
AFTER = answers(0.8, 0.6, 0.9, 0.45)


def test_only_rows_with_another_label_changed_and_the_greatest_change_comes_first() -> None:
    found = find_changes(np.array([10, 11, 12, 13]), BEFORE, AFTER)
    assert [(row.row, row.truth, row.first, row.second) for row in found] == [
        (12, "oak", "oak", "ash"),
        (11, "ash", "oak", "ash"),
    ]
    assert (found[0].first_certainty, found[0].second_certainty) == (0.9, 0.9)


def test_answers_that_became_right_and_wrong_are_counted() -> None:
    assert count_turns(BEFORE, AFTER) == (1, 1)
    assert count_turns(BEFORE, BEFORE) == (0, 0)


def test_a_threshold_that_moved_changes_answers() -> None:
    strict = ClassAnswers(BEFORE.truth, BEFORE.probabilities, LABELS, threshold=0.95)
    assert [row.row for row in find_changes(np.arange(4), BEFORE, strict)] == [0]


def test_values_changed_wherever_they_differ_and_are_neither_right_nor_wrong() -> None:
    truth = np.array([1.0, 2.0, 3.0])
    before, after = ValueAnswers(truth, np.array([1.0, 2.0, 3.0])), ValueAnswers(truth, np.array([1.0, 2.5, 9.0]))
    found = find_changes(np.arange(3), before, after)
    assert [(row.row, row.first, row.second) for row in found] == [(2, 3.0, 9.0), (1, 2.0, 2.5)]
    assert count_turns(before, after) == (None, None)
