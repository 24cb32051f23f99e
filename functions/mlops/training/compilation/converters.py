"""Which estimator is converted by what: by its exact type, since a subclass may predict otherwise."""

from mlops.training.compilation.families import (
    calibration,
    composition,
    dummy,
    encoding,
    forests,
    histograms,
    imputing,
    linear,
    scaling,
)
from mlops.training.compilation.walk import Predictor, Transformer

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
    **calibration.PREDICTORS,
    **dummy.PREDICTORS,
}
