"""Which estimator is converted by what: by its exact class, since a subclass may predict otherwise."""

from collections.abc import Mapping
from typing import Any

from mlops.training.compile.families import (
    bayes,
    calibrated_classifier,
    catboost_trees,
    clusters,
    committees,
    composition,
    discretizing,
    discriminants,
    distributions,
    dummy,
    encoding,
    filling,
    forests,
    functions,
    gaussian_processes,
    histograms,
    imputing,
    kernel_models,
    least_squares,
    lightgbm_trees,
    linear,
    multiclass,
    neighbors,
    networks,
    polynomials,
    projections,
    scaling,
    selection,
    support_vectors,
    texts,
    unsupported,
    wrappers,
    xgboost_trees,
)
from mlops.training.compile.table import Converters, Kind, Parts, Rule
from mlops.training.compile.walk import Predictor, Transformer

_TRANSFORMERS: tuple[Mapping[Any, Transformer], ...] = (
    clusters.TRANSFORMERS,
    committees.TRANSFORMERS,
    composition.TRANSFORMERS,
    discretizing.TRANSFORMERS,
    distributions.TRANSFORMERS,
    encoding.TRANSFORMERS,
    filling.TRANSFORMERS,
    functions.TRANSFORMERS,
    imputing.TRANSFORMERS,
    kernel_models.TRANSFORMERS,
    polynomials.TRANSFORMERS,
    projections.TRANSFORMERS,
    scaling.TRANSFORMERS,
    selection.TRANSFORMERS,
    texts.TRANSFORMERS,
    wrappers.TRANSFORMERS,
)
_PREDICTORS: tuple[Mapping[Any, Predictor], ...] = (
    bayes.PREDICTORS,
    calibrated_classifier.PREDICTORS,
    committees.PREDICTORS,
    composition.PREDICTORS,
    discriminants.PREDICTORS,
    dummy.PREDICTORS,
    forests.PREDICTORS,
    gaussian_processes.PREDICTORS,
    histograms.PREDICTORS,
    kernel_models.PREDICTORS,
    least_squares.PREDICTORS,
    linear.PREDICTORS,
    multiclass.PREDICTORS,
    neighbors.PREDICTORS,
    networks.PREDICTORS,
    selection.PREDICTORS,
    support_vectors.PREDICTORS,
    catboost_trees.PREDICTORS,
    lightgbm_trees.PREDICTORS,
    xgboost_trees.PREDICTORS,
    wrappers.PREDICTORS,
)
_RULES: tuple[Mapping[Any, Rule], ...] = (
    calibrated_classifier.RULES,
    unsupported.RULES,
    committees.RULES,
    dummy.RULES,
    filling.RULES,
    functions.RULES,
    gaussian_processes.RULES,
    kernel_models.RULES,
    neighbors.RULES,
    polynomials.RULES,
    projections.RULES,
    scaling.RULES,
    support_vectors.RULES,
    texts.RULES,
    catboost_trees.RULES,
    lightgbm_trees.RULES,
    xgboost_trees.RULES,
    wrappers.RULES,
)
_PARTS: tuple[Mapping[Any, Parts], ...] = (
    calibrated_classifier.PARTS,
    committees.PARTS,
    composition.PARTS,
    forests.PARTS,
    least_squares.PARTS,
    multiclass.PARTS,
    wrappers.PARTS,
)


def _joined[C](tables: tuple[Mapping[Any, C], ...]) -> dict[Kind, C]:
    return {kind: entry for table in tables for kind, entry in table.items()}


CONVERTERS = Converters(_joined(_TRANSFORMERS), _joined(_PREDICTORS), _joined(_RULES), _joined(_PARTS))
