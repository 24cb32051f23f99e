"""Which estimator is converted by what: by its exact class, since a subclass may predict otherwise."""

from collections.abc import Mapping
from typing import Any

from mlops.training.compile.families import (
    calibrated_classifier,
    composition,
    dummy,
    encoding,
    forests,
    histograms,
    imputing,
    linear,
    scaling,
)
from mlops.training.compile.table import Converters, Kind, Parts, Rule
from mlops.training.compile.walk import Predictor, Transformer

_TRANSFORMERS: tuple[Mapping[Any, Transformer], ...] = (
    composition.TRANSFORMERS,
    imputing.TRANSFORMERS,
    scaling.TRANSFORMERS,
    encoding.TRANSFORMERS,
)
_PREDICTORS: tuple[Mapping[Any, Predictor], ...] = (
    composition.PREDICTORS,
    linear.PREDICTORS,
    forests.PREDICTORS,
    histograms.PREDICTORS,
    calibrated_classifier.PREDICTORS,
    dummy.PREDICTORS,
)
_RULES: tuple[Mapping[Any, Rule], ...] = ()
_PARTS: tuple[Mapping[Any, Parts], ...] = ()


def _joined[C](tables: tuple[Mapping[Any, C], ...]) -> dict[Kind, C]:
    return {kind: entry for table in tables for kind, entry in table.items()}


CONVERTERS = Converters(_joined(_TRANSFORMERS), _joined(_PREDICTORS), _joined(_RULES), _joined(_PARTS))
