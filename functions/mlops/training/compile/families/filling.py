"""Missing values filled from neighbours, marked, and counts of words weighed."""

import numpy as np
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.impute import KNNImputer, MissingIndicator

from mlops.training.compile.columns import Columns
from mlops.training.compile.families.imputing import is_missing
from mlops.training.compile.families.neighbors import weights_of
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.vocabulary import MISSING
from mlops.training.compile.walk import Transformer, Walk


def _mask(x: Tensor, missing: object) -> Tensor:
    """Where a number is missing."""
    return x.is_nan() if is_missing(missing) else x.equals(float(str(missing)))


def _from_neighbors(estimator: KNNImputer, columns: Columns, walk: Walk) -> Columns:
    x = numbers(columns, walk)
    missing = _mask(x, estimator.missing_values)
    gaps = _gaps(estimator, x, missing)
    kept, parts = [], []
    for position, valid in enumerate(estimator._valid_mask.tolist()):
        if not valid and not estimator.keep_empty_features:
            continue
        own, hole = x.pick([position]), missing.pick([position])
        parts.append(hole.where(_donated(estimator, position, gaps), own) if valid else own * 0.0)
        kept.append(columns[position])
    filled = joined(parts).columns(tuple(kept))
    if estimator.indicator_ is None or not len(estimator.indicator_.features_):
        return filled
    features = estimator.indicator_.features_.tolist()
    marks = missing.pick(features).double()
    return (*filled, *marks.columns(tuple(columns[feature] for feature in features)))


def _gaps(estimator: KNNImputer, x: Tensor, missing: Tensor) -> Tensor:
    """[N, training rows]: squared distances over the columns that both have, scaled to all columns.

    No number where they have none in common.
    """
    holes = estimator._mask_fit_X
    known = np.where(holes, 0.0, estimator._fit_X)
    present = (~holes).astype(np.float64)
    own = (~missing).double()
    total: Tensor | None = None
    count: Tensor | None = None
    for position in range(known.shape[1]):
        both = own.pick([position]) * present[:, position]
        gap = (missing.pick([position]).where(0.0, x.pick([position])) - known[:, position]).square() * both
        total = gap if total is None else total + gap
        count = both if count is None else count + both
    assert total is not None
    assert count is not None
    none = count.equals(0.0)
    return none.where(np.nan, total / none.where(1.0, count) * float(known.shape[1]))


def _donated(estimator: KNNImputer, position: int, gaps: Tensor) -> Tensor:
    """[N, 1]: the mean of a column over the nearest training rows that have it."""
    donors = np.flatnonzero(~estimator._mask_fit_X[:, position])
    values = np.asarray(estimator._fit_X[donors, position], dtype=np.float64)
    found = gaps.pick(donors.tolist())
    far = found.is_nan().where(np.inf, found)
    nearest, rows = far.nearest(min(estimator.n_neighbors, len(donors)))
    reached = nearest < np.inf
    weights = weights_of(reached.where(nearest, 1.0).sqrt(), estimator.weights)
    weights = reached.where(weights, 0.0)
    total = weights.sum()
    none = total.equals(0.0)
    mean = (rows.lookup(values) * weights).sum() / none.where(1.0, total)
    return none.where(float(values.mean()), mean)


def _marked(estimator: MissingIndicator, columns: Columns, walk: Walk) -> Columns:
    parts: list[Tensor] = []
    for position in estimator.features_.tolist():
        tensor = Tensor(walk.graph, walk.graph.matrix([columns[position]]))
        if columns[position].text:
            parts.append(tensor.equals(tensor.constant(MISSING, np.int64)))
        else:
            parts.append(_mask(tensor, estimator.missing_values))
    marks = joined(parts).double()
    return marks.columns(tuple(columns[position] for position in estimator.features_.tolist()))


def weigh_counts(estimator: TfidfTransformer, counts: Tensor) -> Tensor:
    """[N, words]: counts of words, weighed by how rare they are, in rows of unit norm."""
    found = counts
    if estimator.sublinear_tf:
        none = counts.equals(0.0)
        found = none.where(0.0, none.where(1.0, counts).log() + 1.0)
    if estimator.use_idf:
        found = found * estimator.idf_
    if estimator.norm is None:
        return found
    norm = found.square().sum().sqrt() if estimator.norm == "l2" else found.abs().sum()
    return found / norm.equals(0.0).where(1.0, norm)


def _weighed(estimator: TfidfTransformer, columns: Columns, walk: Walk) -> Columns:
    return weigh_counts(estimator, numbers(columns, walk)).mixed(len(columns))


def _euclidean(estimator: KNNImputer) -> str | None:
    if callable(estimator.metric) or callable(estimator.weights):
        return "its metric or weights are a Python function; leave them out"
    return None


def _answers(estimator: MissingIndicator) -> str | None:
    if estimator.features == "missing-only" and estimator.error_on_new:
        return "it raises where a column is missing for the first time; set error_on_new=False"
    return None


TRANSFORMERS: dict[type, Transformer] = {
    KNNImputer: _from_neighbors,
    MissingIndicator: _marked,
    TfidfTransformer: _weighed,
}
RULES: dict[type, Rule] = {KNNImputer: _euclidean, MissingIndicator: _answers}
