"""A relation is reversed where the truth goes the other way than the model's answers, beyond chance."""

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Column, Contract, Target
from mlops.evaluation.metrics.answers import make_answers
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.gates.relations import find_reversed

CONTRACT = Contract(
    columns=(
        Column(name="dose"),
        Column(name="age"),
        Column(name="ward", kind="category", required=False),
        Column(name="secret", privacy="drop"),
    ),
    target=Target(name="healed", task="binary", labels=("no", "yes"), positive="yes"),
)


class Learnt(CompiledModel):
    """Answers by the rule that it's given, as if compiled from a model that learnt it."""

    def __init__(self, dose: float, north: float, secret: float = 0.0) -> None:
        self.contract, self.threshold, self.weights = CONTRACT, None, (dose, north, secret)

    def predict(self, rows: pd.DataFrame) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        dose, north, secret = self.weights
        logit = dose * rows["dose"] + north * (rows["ward"] == "north") + secret * rows["secret"]
        chance = 1 / (1 + np.exp(-logit.to_numpy(np.float64)))
        return np.column_stack([1 - chance, chance])


def draw(rows: int, dose: float, north: float, secret: float = 0.0, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "dose": random.normal(size=rows),
            "age": random.normal(size=rows),
            "ward": random.choice(["north", "south", "west"], rows),
            "secret": random.normal(size=rows),
        }
    )
    logit = dose * table["dose"] + north * (table["ward"] == "north") + secret * table["secret"]
    table["healed"] = np.where(random.random(rows) < 1 / (1 + np.exp(-logit)), "yes", "no")
    return table


def test_a_reversed_number_and_value_are_named_with_both_relations() -> None:
    found = find_reversed(Learnt(2.0, 2.0), draw(400, -2.0, -2.0))
    assert [each.column for each in found] == ["dose", "ward = north"]
    assert "healed = yes falls with dose" in str(found[0])
    assert all(each.learnt > 0.3 > 0 > each.seen for each in found)


@pytest.mark.parametrize("dose", [2.0, 0.5, 0.0], ids=["as learnt", "weaker", "gone"])
def test_a_relation_that_is_as_learnt_or_weaker_is_not_reversed(dose: float) -> None:
    for seed in range(20):
        assert find_reversed(Learnt(2.0, 0.0), draw(300, dose, 0.0, seed=seed)) == []


def test_a_private_columns_relation_is_not_shown() -> None:
    assert find_reversed(Learnt(0.0, 0.0, 2.0), draw(400, 0.0, 0.0, -2.0)) == []


def test_missing_cells_are_left_out() -> None:
    rows = draw(400, -2.0, 0.0)
    rows.loc[::2, "dose"] = np.nan
    model = Learnt(2.0, 0.0)
    answers = make_answers(model.predict(rows.fillna({"dose": 0.0})), rows, CONTRACT)
    assert len(answers) == 400
    filled = rows.fillna({"dose": 0.0})
    assert [each.column for each in find_reversed(model, filled)] == ["dose"]
