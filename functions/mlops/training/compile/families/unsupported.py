"""Estimators without an exact conversion, each with the reason and a remedy."""

from collections.abc import Mapping

from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    OPTICS,
    AffinityPropagation,
    AgglomerativeClustering,
    MeanShift,
    SpectralClustering,
)
from sklearn.covariance import EllipticEnvelope
from sklearn.cross_decomposition import PLSSVD
from sklearn.decomposition import (
    NMF,
    DictionaryLearning,
    LatentDirichletAllocation,
    MiniBatchDictionaryLearning,
    MiniBatchNMF,
    SparseCoder,
)
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.image import PatchExtractor
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import (
    MultiTaskElasticNet,
    MultiTaskElasticNetCV,
    MultiTaskLasso,
    MultiTaskLassoCV,
    SGDOneClassSVM,
)
from sklearn.manifold import TSNE, LocallyLinearEmbedding
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.multiclass import OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.neighbors import KNeighborsTransformer, LocalOutlierFactor, RadiusNeighborsTransformer
from sklearn.preprocessing import KernelCenterer, LabelBinarizer, LabelEncoder, MultiLabelBinarizer
from sklearn.svm import OneClassSVM

from mlops.training.compile.table import Rule

_THRESHOLD = (
    "its threshold decides between labels, which a model's version does itself; "
    "take the estimator within it, and give the threshold to the spec"
)
_FACTORS = (
    "it factorises all the rows that it is given at once, until they no longer change, "
    "so that a row's answer depends on the others; use PCA, TruncatedSVD or FastICA"
)
_GRAPH = "it answers with the graph between rows and training rows, and not with columns; use KNeighborsClassifier"
_NO_TARGET = "it learns without a target, and answers something else than it; use a classifier or a regressor"
_SEVERAL = "it predicts several targets; a model has one"
_LABELS = "it is meant for targets, and not for columns; use OneHotEncoder or OrdinalEncoder"

REASONS: Mapping[type, str] = {
    FixedThresholdClassifier: _THRESHOLD,
    TunedThresholdClassifierCV: _THRESHOLD,
    OutputCodeClassifier: "it gives neither probabilities nor scores; use OneVsRestClassifier",
    NMF: _FACTORS,
    MiniBatchNMF: _FACTORS,
    LatentDirichletAllocation: "it repeats an estimate for each row until it no longer changes; use TruncatedSVD",
    **dict.fromkeys(
        (DictionaryLearning, MiniBatchDictionaryLearning, SparseCoder),
        "it solves an optimisation for each row, whose steps depend on rounding; use SparsePCA or FastICA",
    ),
    LocallyLinearEmbedding: "it solves a system of equations for each row; use Isomap or KernelPCA",
    KNeighborsTransformer: _GRAPH,
    RadiusNeighborsTransformer: _GRAPH,
    HashingVectorizer: "ONNX Runtime has no hash of words like its own; use CountVectorizer or TfidfVectorizer",
    **dict.fromkeys(
        (EllipticEnvelope, IsolationForest, LocalOutlierFactor, OneClassSVM, SGDOneClassSVM),
        _NO_TARGET,
    ),
    **dict.fromkeys(
        (AffinityPropagation, AgglomerativeClustering, DBSCAN, HDBSCAN, MeanShift, OPTICS, SpectralClustering),
        _NO_TARGET,
    ),
    **dict.fromkeys(
        (
            ClassifierChain,
            MultiOutputClassifier,
            MultiOutputRegressor,
            MultiTaskElasticNet,
            MultiTaskElasticNetCV,
            MultiTaskLasso,
            MultiTaskLassoCV,
            RegressorChain,
        ),
        _SEVERAL,
    ),
    **dict.fromkeys((LabelBinarizer, LabelEncoder, MultiLabelBinarizer), _LABELS),
    **dict.fromkeys((DictVectorizer, FeatureHasher), "it takes dictionaries, and a table has columns"),
    PatchExtractor: "it takes images, and a table has columns",
    KernelCenterer: "it takes a matrix of kernel values, and a table has columns; use KernelPCA",
    PLSSVD: "its fit_transform answers with rows and target together, which a pipeline can't take; use PLSRegression",
    TSNE: "it embeds the rows that it is fitted on, and no others; use PCA or Isomap",
}
"""Why each of them isn't converted, and what to use instead."""


def _because(reason: str) -> Rule:
    return lambda _: reason


RULES: dict[type, Rule] = {kind: _because(reason) for kind, reason in REASONS.items()}
