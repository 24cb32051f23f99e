"""The answer that probabilities make is the one that evaluation judged."""

import numpy as np
import pytest

from mlops.artifact.decision import make_decision
from mlops.contract import Target
from mlops.evaluation.metrics.answers import class_answers
from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import probability, promote, put_version
from tests.unit.mlops.serving.harness import Api

BINARY = {
    "the second by default": Target(name="x", task="binary", labels=("no", "yes")),
    "the second": Target(name="x", task="binary", labels=("no", "yes"), positive="yes"),
    "the first": Target(name="x", task="binary", labels=("yes", "no"), positive="yes"),
}
MANY = Target(name="x", task="multiclass", labels=("a", "b", "c"))


@pytest.mark.parametrize("positive", BINARY)
@pytest.mark.parametrize("threshold", [None, 0.0, 0.1, 0.5, 0.9, 1.0])
def test_serving_and_evaluation_decide_alike(positive: str, threshold: float | None) -> None:
    target = BINARY[positive]
    chances = [0.0, 0.1, np.nextafter(0.1, 0), 0.3, 0.5, np.nextafter(0.5, 1), 0.9, 1.0]
    rows = [[1 - chance, chance] for chance in chances]
    judged = class_answers(target, ["yes"] * len(rows), rows, threshold).decided
    decide = make_decision(target, threshold)
    assert decide(np.array(rows)).tolist() == list(judged)


def test_of_many_labels_the_most_probable_is_the_answer_and_of_equals_the_first() -> None:
    rows = [[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [1 / 3] * 3]
    judged = class_answers(MANY, ["a"] * 3, rows).decided
    assert make_decision(MANY, None)(np.array(rows)).tolist() == list(judged) == [1, 0, 0]


def test_a_threshold_makes_the_positive_label_the_answer_and_is_what_the_record_says(store: Store, api: Api) -> None:
    row = {"mean radius": 1.0, "mean texture": 3.0}
    assert 0.1 < probability(row) < 0.2
    put_version(store, 2, threshold=0.1)
    promote(store, 2)
    api.poll()
    (prediction,) = api.predict(row).json["predictions"]
    assert prediction["label"] == "malignant"
    (record,) = [line for line in api.printed() if line.get("record") == "prediction"]
    assert (record["label"], record["probability"]) == ("malignant", prediction["probabilities"]["malignant"])
