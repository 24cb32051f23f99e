"""Which estimator is converted by what: by its exact type, since a subclass may predict otherwise."""

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
from mlops.training.compile.walk import Predictor, Transformer

TRANSFORMERS: dict[type, Transformer] = {
    **composition.TRANSFORMERS,
    **imputing.TRANSFORMERS,
    **scaling.TRANSFORMERS,
    **encoding.TRANSFORMERS,
}
PREDICTORS: dict[type, Predictor] = {
    **composition.PREDICTORS,
    **linear.PREDICTORS,
    **forests.PREDICTORS,
    **histograms.PREDICTORS,
    **calibrated_classifier.PREDICTORS,
    **dummy.PREDICTORS,
}
