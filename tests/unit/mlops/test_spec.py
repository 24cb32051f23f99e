"""A spec is found by its model's name, and says what's wrong with it."""

from typing import Any

import pytest

from mlops.contract import Target
from mlops.errors import SpecInvalid
from mlops.spec import load_spec
from tests.unit.mlops.samples import make_spec


def test_diagnosis_takes_thirty_numbers_none_of_them_negative() -> None:
    spec = load_spec("diagnosis")
    assert len(spec.columns) == 30
    assert all(column.kind == "number" and column.minimum == 0 and column.description for column in spec.columns)
    assert (spec.target.labels, spec.target.positive) == (("benign", "malignant"), "malignant")


@pytest.mark.parametrize("name", ["unheard-of", "../secrets", "Diagnosis", "", "os.path"])
def test_a_model_without_a_spec_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(SpecInvalid, match="functions/models"):
        load_spec(name)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no candidates": ({"candidates": {}}, "no candidates"),
    "nothing to test on": ({"test_share": 0.0}, "test_share"),
    "an unknown metric": ({"metric": "acuracy"}, "acuracy"),
    "a floor of an unknown metric": ({"floors": {"acuracy": 0.9}}, "acuracy"),
    "a regression": ({"target": Target(name="kind", task="regression")}, "regression"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_spec_that_cannot_be_trained_is_refused_before_any_training(kind: str) -> None:
    changes, words = BAD[kind]
    with pytest.raises(SpecInvalid, match=words):
        make_spec(**changes)
