"""Distances to the centres of clusters, and the leaves of random trees: columns learned without a target."""

from typing import Any

import numpy as np
from sklearn.cluster import Birch, BisectingKMeans, KMeans, MiniBatchKMeans
from sklearn.ensemble import RandomTreesEmbedding

from mlops.training.compile.columns import Columns
from mlops.training.compile.distances import exact_distances
from mlops.training.compile.families.ensemble import Ensemble
from mlops.training.compile.families.forests import tree_of
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Transformer, Walk


def _to_centres(estimator: Any, columns: Columns, walk: Walk) -> Columns:
    centres = estimator.subcluster_centers_ if isinstance(estimator, Birch) else estimator.cluster_centers_
    known = np.asarray(centres, dtype=np.float64)
    return exact_distances(numbers(columns, walk), known, "euclidean").mixed(len(known))


def _leaves(estimator: RandomTreesEmbedding, columns: Columns, walk: Walk) -> Columns:
    trees = [tree_of(member) for member in estimator.estimators_]
    reached = Tensor(walk.graph, Ensemble(trees, walk.numbers(columns), walk, single=True).leaves())
    parts = [
        reached.pick([position]).equals(np.asarray(known, dtype=np.float64)[None, :]).double()
        for position, known in enumerate(estimator.one_hot_encoder_.categories_)
    ]
    return joined(parts).mixed(sum(len(known) for known in estimator.one_hot_encoder_.categories_))


TRANSFORMERS: dict[type, Transformer] = {
    **dict.fromkeys((KMeans, MiniBatchKMeans, BisectingKMeans, Birch), _to_centres),
    RandomTreesEmbedding: _leaves,
}
