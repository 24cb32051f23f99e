import re
from typing import Any

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import NMF
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, RANSACRegressor, SGDClassifier
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC

from mlops.errors.training import CompilationFailed
from mlops.spec.search_space import Candidate
from mlops.training.compile import check_compilable
from mlops.training.search.compilable import check_candidates
from tests.unit.mlops.samples import make_csv, make_spec
from tests.unit.mlops.training.compile.tables import CATEGORIES, NUMBERS, contract
from tests.unit.mlops.training.fakes import CODE, Bench

LINEAR = LogisticRegression()
FILLED = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
SAFE = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))


def encoder(step: Any, column: str | int) -> ColumnTransformer:
    """An encoder of a text column, which is the second, beside the numbers."""
    return ColumnTransformer([("numbers", SimpleImputer(), NUMBERS), ("city", step, [column])])


@pytest.mark.parametrize(
    ("estimator", "step", "reason"),
    [
        (make_pipeline(NMF(), LINEAR), r"nmf \(NMF\)", "use PCA"),
        (make_pipeline(FeatureUnion([("a", NMF())]), LINEAR), r"featureunion \(FeatureUnion\) > a \(NMF\)", "use PCA"),
        (make_pipeline(ColumnTransformer([], remainder=NMF()), LINEAR), r"remainder \(NMF\)", "use PCA"),
        (make_pipeline(FunctionTransformer(len), LINEAR), "functiontransformer", "Python function 'len'"),
        (VotingClassifier([("a", make_pipeline(NMF(), LINEAR))], voting="soft"), r"a \(Pipeline\) > nmf", "use PCA"),
        (VotingClassifier([("a", LINEAR)]), "VotingClassifier", "voting='soft'"),
        (GridSearchCV(FixedThresholdClassifier(LINEAR), {}), "estimator", "threshold to the spec"),
        (SVC(kernel="precomputed"), "SVC", "its kernel 'precomputed'"),
        (SVC(), "SVC", "put it into CalibratedClassifierCV"),
        (make_pipeline(StandardScaler(), LinearSVC()), "Pipeline", "put it into CalibratedClassifierCV"),
        (CalibratedClassifierCV(LINEAR, method="temperature"), "Calibrated", "use 'sigmoid' or 'isotonic'"),
        (RandomForestRegressor(), "first", "it is a regressor"),
        (make_pipeline(encoder(OneHotEncoder(), "city"), LINEAR), "city", "raises at values of 'city'.*'ignore'"),
        (make_pipeline(encoder(OrdinalEncoder(), 1), LINEAR), "city", "'city'.*handle_unknown='use_encoded_value'"),
        (make_pipeline(encoder(FILLED, "city"), LINEAR), r"city \(Pipeline\) > onehotencoder", "'ignore'"),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), LINEAR), "simpleimputer", "an imputer of its own"),
        (make_pipeline(ColumnTransformer([("a", CountVectorizer(), "heating")]), LINEAR), "a", "'heating' is missing"),
        (make_pipeline(MissingIndicator(), LINEAR), "missingindicator", "set error_on_new=False"),
        (RadiusNeighborsClassifier(), "RadiusNeighbors", "give it an outlier_label"),
        (DummyClassifier(strategy="stratified"), "DummyClassifier", "use strategy='prior'"),
    ],
    ids=str,
)
def test_what_cannot_be_compiled_is_refused_unfitted_with_step_and_remedy(
    estimator: Any, step: str, reason: str
) -> None:
    with pytest.raises(CompilationFailed, match=reason) as raised:
        check_compilable(estimator, contract("binary"), "candidate 'first'")
    assert raised.value.step.startswith("candidate 'first'")
    assert re.search(step, raised.value.step)


@pytest.mark.parametrize(
    "estimator",
    [
        CalibratedClassifierCV(make_pipeline(StandardScaler(), LinearSVC())),
        StackingClassifier([("a", LINEAR), ("b", LinearSVC())]),
        GridSearchCV(make_pipeline(StandardScaler(), StackingClassifier([("a", LINEAR)])), {}),
        VotingClassifier([("a", LINEAR), ("b", "drop")], voting="soft"),
        make_pipeline(ColumnTransformer([("a", "passthrough", ["area"])], remainder="drop"), LINEAR),
        make_pipeline(encoder(OneHotEncoder(), "heating"), LINEAR),
        # An ensemble has no length before it's fitted, so that it can't be asked whether it's true.
        CalibratedClassifierCV(RandomForestClassifier()),
        BaggingClassifier(RandomForestClassifier()),
        StackingClassifier([("a", LINEAR)], RandomForestClassifier()),
        make_pipeline(encoder(OneHotEncoder(handle_unknown="ignore"), "city"), LINEAR),
        make_pipeline(ColumnTransformer([("a", CountVectorizer(), "city")]), LINEAR),
        make_pipeline(ColumnTransformer([("a", SimpleImputer(), NUMBERS), ("b", SAFE, CATEGORIES)]), LINEAR),
    ],
    ids=str,
)
def test_what_can_be_compiled_is_let_through(estimator: Any) -> None:
    check_compilable(estimator, contract("binary"), "candidate 'first'")


@pytest.mark.parametrize("outer", [TransformedTargetRegressor, RANSACRegressor, BaggingRegressor, AdaBoostRegressor])
@pytest.mark.parametrize("inner", [RandomForestRegressor(), None])
def test_an_ensemble_within_a_regressor_is_let_through(outer: Any, inner: Any) -> None:
    check_compilable(outer(inner), contract("regression"), "candidate 'first'")


def test_every_value_that_the_search_may_choose_is_looked_at() -> None:
    losses = Candidate(SGDClassifier(loss="log_loss"), {"loss": ("log_loss", "modified_huber", "hinge")})
    spec = make_spec(candidates={"forest": RandomForestClassifier(5), "stochastic": losses})
    with pytest.raises(CompilationFailed, match=r"candidate 'stochastic', loss='hinge'.*no probabilities"):
        check_candidates(spec)


def test_a_training_ends_before_the_dataset_is_read_and_leaves_nothing_behind() -> None:
    bench = Bench()
    spec = make_spec(candidates={"forest": RandomForestClassifier(5), "topics": make_pipeline(NMF(), LINEAR)})
    with pytest.raises(CompilationFailed, match="candidate 'topics'"):
        bench.train(make_csv(), spec, CODE)
    assert bench.steps == []
    assert list(bench.versions.numbers()) == []
