"""A spec is found by its model's name, and says what's wrong with it."""

from pathlib import Path
from typing import Any

import pytest

from mlops.contract import Column, Target, Task
from mlops.errors.training import SpecInvalid
from mlops.evaluation.metrics.catalog import metrics_for
from mlops.spec import load_table_spec
from mlops.spec.delivery import Delivery
from mlops.spec.expectations import Direction, Invariance
from mlops.spec.model import METRICS
from mlops.spec.monitoring import Monitoring
from tests.model_folders import model_folder
from tests.unit.mlops.samples import make_spec


def test_diagnosis_takes_thirty_numbers_none_of_them_negative() -> None:
    spec = load_table_spec("diagnosis")
    assert len(spec.columns) == 30
    assert all(column.kind == "number" and column.minimum == 0 and column.description for column in spec.columns)
    assert (spec.target.labels, spec.target.positive) == (("benign", "malignant"), "malignant")


@pytest.mark.parametrize("name", ["unheard-of", "../secrets", "Diagnosis", "", "os.path"])
def test_a_model_without_a_spec_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(SpecInvalid, match="functions/models"):
        load_table_spec(name)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("import a_library_that_is_not_there", "No module named 'a_library_that_is_not_there'"),
        ("import ctypes; ctypes.CDLL('libnotthere.so.1')", "libnotthere.so.1: cannot open shared object file"),
    ],
    ids=["a library", "a library of the system"],
)
def test_a_spec_whose_imports_are_missing_here_is_refused_with_the_remedy(line: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "lacking.py").write_text(f"{line}\n")
    refusal = rf"models\.lacking can't be imported \({why}.*docs/compile\.md"
    with model_folder(tmp_path), pytest.raises(SpecInvalid, match=refusal):
        load_table_spec("lacking")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no candidates": ({"candidates": {}}, "no candidates"),
    "a label that no cell can be": (
        {"target": Target(name="kind", task="binary", labels=("long ", "short"))},
        "kind has 'long '.*white space",
    ),
    "a category that no cell can be": (
        {"columns": (Column(name="colour", kind="category", categories=("red", "\r")),), "vouched": ()},
        "colour has .*white space",
    ),
    "nothing to test on": ({"test_share": 0.0}, "test_share"),
    "an unknown metric": ({"metric": "acuracy"}, "acuracy"),
    "a floor of an unknown metric": ({"floors": {"acuracy": 0.9}}, "acuracy"),
    "a metric of another task": ({"target": Target(name="kind", task="regression")}, "regression .* accuracy"),
    "a share of rejected rows beyond all": ({"max_rejected": 1.0}, "max_rejected"),
    "a margin below nothing": ({"margin": -0.1}, "margin"),
    "a threshold between three labels": (
        {"target": Target(name="kind", task="multiclass", labels=("a", "b", "c")), "threshold": 0.5},
        "threshold",
    ),
    "a threshold that is no probability": ({"threshold": 1.5}, "threshold"),
    "a slice by an unknown column": ({"slices": ("colour",)}, "slices names colour"),
    "a voucher for an unknown column": ({"vouched": ("id",)}, "vouched names id"),
    "the target as a key": ({"key": ("kind",)}, "key names kind"),
    "an invariance of an unknown column": ({"invariances": (Invariance(columns=("colour",)),)}, "invariances"),
    "a direction without a change": ({"directions": (Direction(column="length", answer="rises"),)}, "a step or two"),
    "a direction of an unknown label": (
        {"directions": (Direction(column="length", answer="rises", step=1, label="huge"),)},
        "huge",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_spec_that_cannot_be_trained_is_refused_before_any_training(kind: str) -> None:
    changes, words = BAD[kind]
    with pytest.raises(SpecInvalid, match=words):
        make_spec(**changes)


@pytest.mark.parametrize("task", METRICS)
def test_a_spec_may_name_every_metric_that_is_measured(task: Task) -> None:
    assert METRICS[task] == tuple(metric.name for metric in metrics_for(task))


@pytest.mark.parametrize(
    ("monitoring", "named"),
    [
        (Monitoring(drift="page"), "drift is 'page'"),  # type: ignore[arg-type]
        (Monitoring(retrain_rows=0), "retrain_rows is 0"),
        (Monitoring(cooldown_days=-1), "cooldown_days is -1"),
        (Monitoring(stale_days=0), "stale_days is 0"),
    ],
    ids=["drift", "rows", "cool-down", "stale days"],
)
def test_monitoring_that_cant_be_is_refused(monitoring: Monitoring, named: str) -> None:
    with pytest.raises(SpecInvalid, match=named):
        make_spec(monitoring=monitoring)


@pytest.mark.parametrize(
    ("delivery", "named"),
    [
        (Delivery(canary=1), "canary is 1"),
        (Delivery(canary=-0.1), "canary is -0.1"),
        (Delivery(canary=float("nan")), "canary is nan"),
        (Delivery(days=0), "days is 0"),
        (Delivery(undecided="wait"), "undecided is 'wait'"),  # type: ignore[arg-type]
    ],
    ids=["all", "less than none", "no number", "no days", "undecided"],
)
def test_a_delivery_that_cant_be_is_refused(delivery: Delivery, named: str) -> None:
    with pytest.raises(SpecInvalid, match=named):
        make_spec(delivery=delivery)
