"""A label that is never found is said in a sentence, with the remedy."""

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.training.evaluation.remarks import find_remarks
from tests.unit.mlops.evaluation.metrics.samples import draw_value_answers


def answers(claimed: float, threshold: float | None = None) -> ClassAnswers:
    """Of 200 rows 4 are fraud; each has this probability."""
    truth = (np.arange(200) < 4).astype(np.intp)
    return ClassAnswers(truth, np.tile([1 - claimed, claimed], (200, 1)), ("fine", "fraud"), threshold=threshold)


def test_a_label_that_is_never_answered_is_named_with_its_share_and_the_remedy() -> None:
    (remark,) = find_remarks(answers(0.02), None)
    assert remark.startswith("Recall and F1 of fraud are 0: none of 200 held-out rows is answered fraud, and 4 (2.0%)")
    assert 'threshold="metric"' in remark


def test_a_threshold_that_did_not_help_is_named() -> None:
    (remark,) = find_remarks(answers(0.02, 0.3), 0.3)
    assert "The threshold is 0.3" in remark
    assert "Costs(" in remark


def test_answers_that_are_all_wrong_are_described_so() -> None:
    given = answers(0.02)
    chances = given.probabilities.copy()
    chances[50] = [0.2, 0.8]
    (remark,) = find_remarks(ClassAnswers(given.truth, chances, given.labels), None)
    assert "each of the 1 held-out rows that are answered fraud is something else" in remark


def test_what_is_found_needs_no_remark() -> None:
    good = answers(0.02)
    chances = good.probabilities.copy()
    chances[0] = [0.1, 0.9]
    assert not [*find_remarks(ClassAnswers(good.truth, chances, good.labels), None)]
    assert not [*find_remarks(draw_value_answers(1), None)]


@pytest.mark.parametrize("labels", [3, 8])
def test_of_many_labels_the_most_frequent_that_are_missed_are_named(labels: int) -> None:
    truth = np.arange(80) % labels
    chances = np.zeros((80, labels))
    chances[:, 0] = 1.0
    remarks = [*find_remarks(ClassAnswers(truth, chances, tuple("abcdefgh"[:labels])), None)]
    assert len(remarks) == min(5, labels - 1)
    assert not any("threshold" in remark for remark in remarks)
