"""What is observed of a canary: losses by the spec's metric, one row once, requests by their ids."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from mlops.contract import Contract, Target
from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ValueAnswers
from mlops.monitoring.canary.losses import Loss
from mlops.monitoring.canary.observe import Trial, observe
from mlops.monitoring.canary.observed import Observed
from mlops.records.truths import Truth
from mlops.registry.manifest.manifest import Manifest
from tests.unit.mlops.records.bucket import (
    CONTRACT,
    NOON,
    REGRESSION,
    empty,
    make_id,
    make_record,
    put_records,
    put_truths,
)
from tests.unit.mlops.registry.samples import make_manifest

MISSES = Loss("misses", 0.01)
HELD_OUT = AnsweredRows(ValueAnswers(np.zeros(101), np.arange(101.0)))


def manifest(number: int, contract: Contract, key: tuple[str, ...] = ()) -> Manifest:
    return make_manifest(number).model_copy(update={"model": "churn", "contract": contract, "key": key})


def look(
    records: list[dict[str, Any]],
    truths: dict[int, Any],
    loss: Loss = MISSES,
    contract: Contract = CONTRACT,
    key: tuple[str, ...] = (),
) -> Observed:
    """What is observed of version 1, champion, and 2, tried; `truths` are in the order in which they come."""
    store = empty()
    put_records(store, records)
    for number, truth in truths.items():
        moment = NOON + timedelta(minutes=1, seconds=number)
        put_truths(store, [Truth(make_id(NOON, number), truth, moment)], moment)
    trial = Trial(manifest(2, contract, key), manifest(1, contract, key), NOON)
    observed, damaged = observe(store, trial, loss, NOON + timedelta(hours=1))
    assert damaged == ()
    return observed


def record(number: int, *, age: float | None = None, **changes: Any) -> dict[str, Any]:
    """A record of the champion whose row is its own, with the challenger's shadow."""
    made = make_record(NOON, number, model_version=1, **changes)
    return {**made, "inputs": {**made["inputs"], "age": float(number) if age is None else age}}


SHADOW: dict[str, Any] = {"challenger_version": 2, "challenger_label": "no", "challenger_probability": 0.6}


def test_labels_are_compared_on_the_same_row() -> None:
    observed = look([record(1, **SHADOW), record(5, **SHADOW), record(9, **SHADOW)], {1: "yes", 5: "no", 9: "yes"})
    assert sorted(observed.paired.tolist()) == [-1, 1, 1]


def test_probabilities_of_two_labels_are_compared_by_their_squared_error() -> None:
    found = look([record(1, **SHADOW)], {1: "yes"}, Loss("brier", 0.01)).paired
    assert found.tolist() == pytest.approx([0.6**2 - 0.25**2])


def test_without_truth_or_shadow_there_is_no_pair() -> None:
    assert len(look([record(1, **SHADOW)], {}).paired) == 0
    assert len(look([record(1)], {1: "yes"}).paired) == 0
    assert len(look([record(1, **SHADOW | {"challenger_version": 3})], {1: "yes"}).paired) == 0


def test_answers_of_different_rows_are_compared_in_the_order_of_their_truth() -> None:
    theirs = {"model_version": 2, "role": "challenger", "label": "no"}
    rows = [record(1), record(5, label="no"), {**record(9), **theirs}, {**record(13), **theirs}, record(17)]
    truths = {1: "yes", 5: "yes", 9: "yes", 13: "yes", 17: "yes"}
    assert look(rows, truths).unpaired.tolist() == [0.5], "13 has no answer of the champion's since 9"
    assert look(rows, {1: "yes", 9: "yes", 17: "yes"}).unpaired.tolist() == [1.0], "what nothing follows waits"


def test_a_key_in_the_records_says_which_rows_are_the_same() -> None:
    rows = [record(number, age=7.0, **SHADOW) for number in (1, 5, 9)]
    rows[2]["inputs"]["plan"] = "single"
    truths = {1: "yes", 5: "yes", 9: "yes"}
    assert len(look(rows, truths).paired) == 2, "all cells that are recorded"
    assert len(look(rows, truths, key=("age",)).paired) == 1
    assert len(look(rows, truths, key=("e-mail",)).paired) == 2, "it isn't recorded"


def test_rows_that_are_not_recorded_count_by_their_predictions() -> None:
    rows = [{name: value for name, value in record(n, **SHADOW).items() if name != "inputs"} for n in (1, 5)]
    assert len(look(rows, {1: "yes", 5: "yes"}).paired) == 2


def test_a_request_of_many_rows_is_one_request() -> None:
    theirs = {"model_version": 2, "role": "challenger"}
    many = [{**record(number), **theirs} for number in range(100, 120)]
    failed = [record(number, role="fallback") for number in range(200, 210)]
    others = [record(300), record(302, role="requested"), {**record(304), "model_version": 2, "role": "requested"}]
    observed = look([*many, *failed, *others], {})
    assert sorted(observed.failed.tolist()) == [False, True]
    assert (len(observed.slow), observed.champion_requests) == (1, 1)


@pytest.mark.parametrize(
    ("metric", "name", "margin", "paired"),
    [
        ("mae", "absolute error", 0.5 * 0.1, (20 - 10) / 99),
        ("pinball", "absolute error", 0.5 * 0.1, (20 - 10) / 99),
        ("rmse", "squared error", None, (20**2 - 10**2) / 99**2),
        ("r2", "squared error", 0.1, (20**2 - 10**2) / 99**2),
    ],
)
def test_numbers_are_compared_by_their_error_up_to_the_champions_largest(
    metric: str, name: str, margin: float | None, paired: float
) -> None:
    loss = Loss.choose(REGRESSION, metric, 0.1, HELD_OUT)
    assert loss.name == name
    if margin is not None:
        assert loss.margin == pytest.approx(margin, rel=0.02)
    answer: dict[str, Any] = {"label": None, "probability": None, "probabilities": None, "value": 10.0}
    rows = [record(number, **answer, challenger_version=2, challenger_value=20.0) for number in (1, 5)]
    observed = look(rows, {1: 0.0, 5: 1e9}, loss, REGRESSION)
    assert sorted(observed.paired.tolist()) == pytest.approx([0, paired]), "both are as far off as counts"


def test_the_loss_follows_the_metric_and_the_labels() -> None:
    assert Loss.choose(CONTRACT, "roc_auc", 0.02, None) == Loss("brier", 0.02)
    assert Loss.choose(CONTRACT, "f1", 0.02, None) == Loss("misses", 0.02)
    three = CONTRACT.model_copy(update={"target": Target(name="kind", task="multiclass", labels=("a", "b", "c"))})
    assert Loss.choose(three, "log_loss", 0.02, None) == Loss("misses", 0.02)
    exact = AnsweredRows(ValueAnswers(np.ones(30), np.ones(30)))
    assert Loss.choose(REGRESSION, "mae", 0.02, exact).name == "further off"
