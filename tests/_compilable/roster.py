"""How each estimator of scikit-learn is tried: in a pipeline, on some columns of a table, for some tasks."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, PolynomialFeatures, PowerTransformer, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.discovery import all_estimators

from mlops.training.compile.compilable import gives_probabilities
from mlops.training.compile.families.unsupported import REASONS
from mlops.training.compile.table import Role
from tests.unit.mlops.training.compile.tables import table, target

type Build = Callable[[type], Any]

DENSE = ("area", "rooms", "built")
GAPS = ("area", "income", "rooms", "garden", "built")
MIXED = ("city", "rooms", "heating")


@dataclass(frozen=True)
class Case:
    """An estimator in one role, fitted for a task on some columns; `wrapped` if CalibratedClassifierCV is around it."""

    name: str
    role: Role
    task: str
    columns: tuple[str, ...]
    make: Callable[[], Any]
    wrapped: bool = False


def _as_it_comes(kind: type) -> Any:
    return kind()


def _voters() -> list[tuple[str, Any]]:
    return [("linear", LogisticRegression()), ("tree", DecisionTreeClassifier(max_depth=3))]


def _regressors() -> list[tuple[str, Any]]:
    return [("linear", Ridge()), ("tree", DecisionTreeRegressor(max_depth=3))]


# What an estimator needs beyond its defaults, or is worth trying with.
BUILDS: dict[str, Build] = {
    "BaggingClassifier": lambda kind: kind(n_estimators=4, max_features=0.7, random_state=0),
    "CCA": lambda kind: kind(1),
    "CategoricalNB": lambda kind: make_pipeline(KBinsDiscretizer(4, encode="ordinal"), kind()),
    "ColumnTransformer": lambda kind: kind(
        [("scaled", StandardScaler(), [0]), ("kept", "passthrough", [1])], transformer_weights={"scaled": 2.0}
    ),
    "FeatureAgglomeration": lambda kind: kind(2),
    "FeatureUnion": lambda kind: kind(
        [("scaled", StandardScaler()), ("powers", PolynomialFeatures())], transformer_weights={"powers": 2.0}
    ),
    "FunctionTransformer": lambda kind: kind(np.log1p),
    "GaussianProcessRegressor": lambda kind: kind(alpha=0.1, normalize_y=True),
    "GaussianRandomProjection": lambda kind: kind(2, random_state=0),
    "GenericUnivariateSelect": lambda kind: kind(mode="k_best", param=2),
    "GridSearchCV": lambda kind: kind(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "Isomap": lambda kind: kind(n_components=2),
    "IsotonicRegression": lambda kind: kind(out_of_bounds="clip"),
    "MLPClassifier": lambda kind: kind(hidden_layer_sizes=(8,), max_iter=200, random_state=0),
    "MLPRegressor": lambda kind: kind(hidden_layer_sizes=(8,), max_iter=200, random_state=0),
    "MissingIndicator": lambda kind: kind(features="all"),
    "NuSVC": lambda kind: kind(nu=0.2),
    "Nystroem": lambda kind: kind(n_components=30, random_state=0),
    "OneHotEncoder": lambda kind: kind(handle_unknown="infrequent_if_exist", min_frequency=20),
    "OneVsOneClassifier": lambda kind: kind(LogisticRegression()),
    "OneVsRestClassifier": lambda kind: kind(LogisticRegression()),
    "OrdinalEncoder": lambda kind: kind(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2, max_categories=3
    ),
    "PLSCanonical": lambda kind: kind(1),
    "PLSRegression": lambda kind: kind(2),
    "PLSSVD": lambda kind: kind(1),
    "Pipeline": lambda kind: kind([("scale", StandardScaler()), ("model", LogisticRegression())]),
    "PolynomialCountSketch": lambda kind: kind(degree=3, coef0=1, random_state=0),
    "RFE": lambda kind: kind(LogisticRegression()),
    "RFECV": lambda kind: kind(LogisticRegression(), cv=2),
    "RadiusNeighborsClassifier": lambda kind: kind(1.0, outlier_label="most_frequent"),
    "RandomTreesEmbedding": lambda kind: kind(10, random_state=0),
    "RandomizedSearchCV": lambda kind: kind(LogisticRegression(), {"C": [0.1, 1.0]}, n_iter=2, cv=2),
    "SVC": lambda kind: kind(probability=True, random_state=0),
    "SelectFdr": lambda kind: kind(alpha=0.999),
    "SelectFpr": lambda kind: kind(alpha=0.999),
    "SelectFromModel": lambda kind: kind(LogisticRegression()),
    "SelectFwe": lambda kind: kind(alpha=0.999),
    "SelectKBest": lambda kind: kind(k=2),
    "SelectPercentile": lambda kind: kind(percentile=70),
    "SelfTrainingClassifier": lambda kind: kind(LogisticRegression()),
    "SequentialFeatureSelector": lambda kind: kind(LogisticRegression(), n_features_to_select=2, cv=2),
    "SparseRandomProjection": lambda kind: kind(2, random_state=0),
    "StackingClassifier": lambda kind: kind([*_voters(), ("support", LinearSVC())], passthrough=True, cv=2),
    "StackingRegressor": lambda kind: kind(_regressors(), cv=2),
    "TransformedTargetRegressor": lambda kind: kind(Ridge(), transformer=PowerTransformer()),
    "VotingClassifier": lambda kind: kind(_voters(), voting="soft", weights=[1, 2]),
    "VotingRegressor": lambda kind: kind(_regressors(), weights=[1, 2]),
}
POSITIVE = (
    "AdditiveChi2Sampler",
    "BernoulliRBM",
    "ComplementNB",
    "FunctionTransformer",
    "MultinomialNB",
    "SkewedChi2Sampler",
    "TfidfTransformer",
)
COLUMNS = {
    "IsotonicRegression": ("area",),
    "KNNImputer": GAPS,
    "MissingIndicator": GAPS,
    "OneHotEncoder": MIXED,
    "OrdinalEncoder": MIXED,
    "SimpleImputer": GAPS,
    "TargetEncoder": MIXED,
}
BARE = ("CategoricalNB", "FrozenEstimator", "Pipeline", *COLUMNS)
"""What stands at the front of a pipeline by itself."""
ALSO = ("CountVectorizer", "FrozenEstimator", "GridSearchCV", "Pipeline", "RandomizedSearchCV", "TfidfVectorizer")
"""What fits tables, though scikit-learn gives it no type."""
TEXT = ("CountVectorizer", "TfidfVectorizer")
REGRESSION_ONLY = ("StackingRegressor", "VotingRegressor")
OUTSIDE = {
    **dict.fromkeys(
        (
            "ClassifierChain",
            "MultiOutputClassifier",
            "MultiOutputRegressor",
            "MultiTaskElasticNet",
            "MultiTaskElasticNetCV",
            "MultiTaskLasso",
            "MultiTaskLassoCV",
            "RegressorChain",
        ),
        "predicts several targets",
    ),
    **dict.fromkeys(("LabelBinarizer", "LabelEncoder", "MultiLabelBinarizer"), "is meant for targets"),
    **dict.fromkeys(("DictVectorizer", "FeatureHasher"), "takes dictionaries"),
    **dict.fromkeys(
        ("CCA", "PLSCanonical", "PLSRegression", "PLSSVD"),
        "as a transformer, answers with rows and target together, which a pipeline can't take",
    ),
    "IsotonicRegression": "as a transformer, answers without columns, which a pipeline can't take",
    "KernelCenterer": "takes a matrix of kernel values",
    "PatchExtractor": "takes images",
    "TSNE": "embeds the rows that it is fitted on, and no others",
}
"""What doesn't fit a table with one target."""
MODELS_ALONE = ("CCA", "IsotonicRegression", "PLSCanonical", "PLSRegression")
"""Those of them that fit as models."""


def estimators() -> dict[tuple[str, Role], type]:
    """Every estimator that fits tables, in each role that it has."""
    found: dict[tuple[str, Role], type] = {}
    roles: dict[str, Role] = {"classifier": "predict", "regressor": "predict", "transformer": "transform"}
    for kind, role in roles.items():
        for name, each in all_estimators(type_filter=kind):
            if name not in OUTSIDE or (role == "predict" and name in MODELS_ALONE):
                found[name, role] = each
    others = dict(all_estimators())
    return found | {(name, "transform" if name in TEXT else "predict"): others[name] for name in ALSO}


def refusals() -> dict[tuple[str, Role], str]:
    """Why those that don't compile don't, by name and role."""
    return {key: REASONS[kind] for key, kind in estimators().items() if kind in REASONS}


def cases() -> Iterator[Case]:
    """Each estimator that compiles, in each role, for each task that it fits."""
    refused = refusals()
    for (name, role), kind in estimators().items():
        if (name, role) in refused or name in TEXT:
            continue
        for task in _tasks(name, role, kind):
            yield _case(name, role, kind, task)


def _tasks(name: str, role: Role, kind: type) -> tuple[str, ...]:
    if role == "transform":
        return ("regression",) if name in REGRESSION_ONLY else ("binary",)
    return ("regression",) if (name, kind) in all_estimators(type_filter="regressor") else ("binary", "multiclass")


def _case(name: str, role: Role, kind: type, task: str) -> Case:
    columns = COLUMNS.get(name, DENSE)

    def own() -> Any:
        if name == "FrozenEstimator":
            rows = table()
            return kind(DecisionTreeClassifier(max_depth=3).fit(rows[list(columns)], target(rows, task)))
        with warnings.catch_warnings():
            # Some are about to be removed from scikit-learn, and say so.
            warnings.simplefilter("ignore", FutureWarning)
            return BUILDS.get(name, _as_it_comes)(kind)

    wrapped = task != "regression" and role == "predict" and not gives_probabilities(own())

    def make() -> Any:
        scale = [] if name in BARE else [MinMaxScaler(clip=True) if name in POSITIVE else StandardScaler()]
        model = Ridge() if task == "regression" else LogisticRegression(max_iter=1000)
        whole = make_pipeline(*scale, own(), *([model] if role == "transform" else []))
        return CalibratedClassifierCV(whole, cv=2) if wrapped else whole

    return Case(name, role, task, columns, make, wrapped)
