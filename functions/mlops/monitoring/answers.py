"""A model's answers as columns, which are watched for drift next to the inputs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Column, Contract
from mlops.evaluation.metrics.answers import Answers, ClassAnswers


def answer_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns of a model's answers: the target's, and for two labels the probability of the positive one."""
    target = contract.target
    if target.task == "regression":
        return (Column(name=target.name, unit=target.unit),)
    label = Column(name=target.name, kind="category", categories=target.labels)
    if target.task == "multiclass":
        return (label,)
    probability = f"probability of {target.positive or target.labels[1]}"
    while probability in (*contract.names, target.name):
        probability += " (answer)"
    return label, Column(name=probability, minimum=0, maximum=1)


def answer_values(answers: Answers, contract: Contract) -> dict[str, NDArray[Any]]:
    """The values [N] of each of `answer_columns`."""
    names = [column.name for column in answer_columns(contract)]
    if not isinstance(answers, ClassAnswers):
        return {names[0]: answers.predictions}
    labels = np.array(answers.labels, dtype=object)[answers.decided]
    return dict(zip(names, (labels, answers.probabilities[:, answers.positive]), strict=False))
