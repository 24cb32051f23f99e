"""The spec of a recommender agrees with itself, and is found by its name."""

from pathlib import Path
from typing import Any

import pytest

from mlops.errors.training import SpecInvalid
from mlops.interactions import Rating
from mlops.spec import RecommenderSpec, load_spec, load_table_spec
from mlops.spec.monitoring import Monitoring
from tests.model_folders import model_folder


def make(**changes: Any) -> RecommenderSpec:
    given: dict[str, Any] = {"name": "shop", "event": "event", "events": {"view": 1.0, "buy": 3.0}, "floors": {}}
    return RecommenderSpec(**(given | changes))


def test_its_columns_and_weights_are_the_interaction_contract() -> None:
    contract = make(rating=Rating(column="stars", minimum=1, maximum=5)).interactions
    assert contract.columns == ("user", "item", "time", "event", "stars")
    assert contract.events == {"view": 1.0, "buy": 3.0}
    assert contract.user_privacy == "hash"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown candidate": ({"candidates": {"svd": {}}}, "no candidate svd; there are popularity"),
    "no candidates": ({"candidates": {}}, "no candidates"),
    "an empty grid": ({"candidates": {"ease": {"regularization": ()}}}, "regularization of ease are empty"),
    "an unknown metric": ({"metric": "auc"}, "metric is 'auc'"),
    "a metric that can't choose": ({"metric": "novelty"}, "metric is 'novelty'"),
    "an unknown floor": ({"floors": {"novelty": 3.0}}, "floors name novelty"),
    "an unknown split": ({"split": "random"}, "split is 'random'"),
    "a split by a time that isn't there": ({"time": None}, "needs the column time"),
    "a column used and ignored": ({"ignored": ("item",)}, "ignored names item"),
    "one column for two purposes": ({"item": "user"}, "duplicate columns: user"),
    "two events and no column": ({"event": None}, "2 events, and no column"),
    "nothing to like": ({"events": {"dislike": -1.0}}, "no event has a weight above 0"),
    "nothing to test on": ({"test_share": 0.0}, "test_share"),
    "all may be broken": ({"max_rejected": 1.0}, "max_rejected"),
    "a negative margin": ({"margin": -0.1}, "margin is -0.1"),
    "a negative margin of pruning": ({"pruning_margin": -0.1}, "pruning_margin is -0.1"),
    "no half-life": ({"half_life_days": 0.0}, "half_life_days"),
    "no items": ({"k": 0}, "k is 0"),
    "as many answers as items": ({"k": 20}, "could all be recommended"),
    "monitoring that can't be": ({"monitoring": Monitoring(retrain_rows=0)}, "retrain_rows"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_spec_that_contradicts_itself_is_refused(fault: str) -> None:
    changes, words = BAD[fault]
    with pytest.raises(SpecInvalid, match=words):
        make(**changes)


def test_a_recommenders_spec_is_found_and_is_no_tables(tmp_path: Path) -> None:
    source = (
        "from mlops.spec import RecommenderSpec\nspec = RecommenderSpec(name='corner', events={'buy': 1}, floors={})"
    )
    (tmp_path / "corner.py").write_text(source)
    with model_folder(tmp_path):
        assert isinstance(load_spec("corner"), RecommenderSpec)
        with pytest.raises(SpecInvalid, match="it is that of a recommender, and this takes that of a table's model"):
            load_table_spec("corner")
