"""What nobody should miss about a version's answers: labels that it never finds."""

from collections.abc import Iterator

import numpy as np

from mlops.evaluation.metrics.answers import Answers, ClassAnswers

MOST_LABELS = 5


def find_remarks(answers: Answers, threshold: float | None) -> Iterator[str]:
    """A sentence for each label that held-out rows have and none of them was rightly answered with."""
    if not isinstance(answers, ClassAnswers):
        return
    count = len(answers.labels)
    true, answered = (np.bincount(each, minlength=count) for each in (answers.truth, answers.decided))
    found = np.bincount(answers.truth[answers.hits], minlength=count)
    missed = [label for label in np.argsort(-true, kind="stable") if true[label] and not found[label]]
    for label in missed[:MOST_LABELS]:
        name = answers.labels[label]
        what = f"none of {len(answers):,} held-out rows is answered {name}"
        if answered[label]:
            what = f"each of the {answered[label]:,} held-out rows that are answered {name} is something else"
        yield (
            f"Recall and F1 of {name} are 0: {what}, and {true[label]:,} ({true[label] / len(answers):.1%}) are {name}."
            + (_remedy(threshold) if answers.binary else "")
        )


def _remedy(threshold: float | None) -> str:
    if threshold is None:
        return ' threshold="metric" in the spec chooses the probability from which a row is answered so.'
    return (
        f" The threshold is {threshold:.3g}; threshold=Costs(false_positive=..., false_negative=...) in the spec "
        "chooses it by what wrong answers cost."
    )
