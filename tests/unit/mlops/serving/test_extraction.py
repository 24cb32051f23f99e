"""What two requests give away of a linear model: all of it where they are explained, and little where they aren't."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import CONTRACT, probability, promote, put_version
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.serving.test_explanations import explainer

NAMES = CONTRACT.names
ASKED = ({"mean radius": 3.0, "mean texture": 2.0}, {"mean radius": 4.0, "mean texture": 3.0})


@pytest.fixture
def start(store: Store, open_api: Callable[..., Api]) -> Callable[..., Api]:
    put_version(store, 1)
    put_version(store, 2, more=explainer())
    promote(store, 2)
    return open_api


def others() -> list[dict[str, float]]:
    rng = np.random.default_rng(7)
    return [dict(zip(NAMES, row, strict=True)) for row in rng.uniform(0, 6, (500, len(NAMES))).tolist()]


def ask(api: Api, query: str) -> Any:
    return api.ask("POST", "/predict", json.dumps({"rows": ASKED}), query, content_type="application/json")


def worst(odds: Callable[[dict[str, float]], float]) -> float:
    """The largest difference of a copy's probability, over rows that it was never told of."""
    return max(float(abs(1 / (1 + np.exp(-odds(row))) - probability(row))) for row in others())


def test_two_explained_rows_give_a_linear_model_away(start: Callable[..., Api]) -> None:
    first, second = ask(start(), "explain=true").json["predictions"]
    signs = [1 if each["label"] == "malignant" else -1 for each in (first, second)]
    parts = [each["explanation"]["contributions"] for each in (first, second)]
    weights = {
        name: (signs[0] * parts[0][name] - signs[1] * parts[1][name]) / (ASKED[0][name] - ASKED[1][name])
        for name in NAMES
    }
    base = signs[0] * (first["explanation"]["base"] + sum(parts[0].values()))
    offset = base - sum(weights[name] * ASKED[0][name] for name in NAMES)
    assert worst(lambda row: offset + sum(weights[name] * row[name] for name in NAMES)) < 1e-9


@pytest.mark.parametrize("digits", [0, 3, 2])
def test_two_rows_without_explanations_dont(start: Callable[..., Api], digits: int) -> None:
    api = start(offer_explanations=False, answer_digits=digits)
    assert ask(api, "explain=true").status == 404
    answers = ask(api, "").json["predictions"]
    assert not any("explanation" in each for each in answers)
    chances = np.array([each["probabilities"]["malignant"] for each in answers])
    design = np.array([[1.0, *(row[name] for name in NAMES)] for row in ASKED])
    # The smallest of all the models that have these two answers: nothing in them says which it is.
    weights = np.linalg.lstsq(design, np.log(chances / (1 - chances)), rcond=None)[0]
    assert worst(lambda row: float(weights @ [1.0, *(row[name] for name in NAMES)])) > 0.05
