from typing import Any

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.unit.mlops.training.compile.tables import DENSE, parity, prepared

LINEAR = LogisticRegression(max_iter=1000)
COMMITTEES = [
    AdaBoostClassifier(n_estimators=10, random_state=0),
    AdaBoostClassifier(LINEAR, n_estimators=4, random_state=0),
    BaggingClassifier(LINEAR, n_estimators=4, max_features=0.5, random_state=0),
    BaggingClassifier(LinearSVC(), n_estimators=4, random_state=0),
    # Small samples miss classes.
    BaggingClassifier(n_estimators=12, max_samples=6, random_state=0),
    VotingClassifier([("a", LINEAR), ("b", "drop"), ("c", GaussianNB())], voting="soft", weights=[2, 1, 1]),
    StackingClassifier([("a", LINEAR), ("b", "drop"), ("c", LinearSVC())], cv=2),
    StackingClassifier([("a", LINEAR), ("c", GaussianNB())], DecisionTreeClassifier(max_depth=4), cv=2),
    GradientBoostingClassifier(n_estimators=8, init=DecisionTreeClassifier(max_depth=2)),
]
TARGETS: list[Any] = [
    {"transformer": StandardScaler()},
    {"transformer": MinMaxScaler()},
    {"transformer": RobustScaler()},
    {"transformer": PowerTransformer()},
    {"transformer": QuantileTransformer(n_quantiles=100, output_distribution="normal")},
    {"transformer": QuantileTransformer(n_quantiles=100)},
    {"transformer": make_pipeline(FunctionTransformer(np.log1p, np.expm1), StandardScaler())},
    {"func": np.log1p, "inverse_func": np.expm1},
    {"func": np.sqrt, "inverse_func": np.square},
]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("committee", COMMITTEES, ids=str)
def test_a_committee_of_classifiers_is_exact_behind_a_preparation(committee: Any, task: str) -> None:
    assert parity(prepared(committee), task).difference < 1e-9


def test_a_committee_whose_members_prepare_their_own_columns_is_exact() -> None:
    vote = VotingClassifier([("a", prepared(LINEAR)), ("b", prepared(GaussianNB()))], voting="soft")
    assert parity(vote, "binary").difference < 1e-9


@pytest.mark.parametrize(
    "committee",
    [
        AdaBoostRegressor(n_estimators=7, random_state=0),
        AdaBoostRegressor(Ridge(), n_estimators=8, random_state=0),
        BaggingRegressor(n_estimators=5, max_features=0.7, random_state=0),
        GradientBoostingRegressor(n_estimators=8, init=Ridge()),
    ],
    ids=str,
)
def test_a_committee_of_regressors_is_exact(committee: Any) -> None:
    assert parity(prepared(committee), "regression").exact


@pytest.mark.parametrize("options", TARGETS, ids=str)
def test_a_transformed_target_is_taken_back_exactly(options: dict[str, Any]) -> None:
    model = make_pipeline(StandardScaler(), TransformedTargetRegressor(Ridge(), check_inverse=False, **options))
    assert parity(model, "regression", *DENSE).exact
