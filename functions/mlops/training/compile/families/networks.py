"""Multi-layer perceptrons: matrix products with an activation between them."""

from collections.abc import Callable
from typing import Any

from sklearn.neural_network import MLPClassifier, MLPRegressor

from mlops.training.compile.columns import Columns
from mlops.training.compile.links import two_classes
from mlops.training.compile.tensors import Tensor, numbers
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda x: x,
    "relu": lambda x: x.node("Relu"),
    "tanh": lambda x: x.node("Tanh"),
    "logistic": lambda x: x.node("Sigmoid"),
    "softmax": Tensor.softmax,
    "exp": Tensor.exp,
}


def _output(estimator: Any, columns: Columns, walk: Walk) -> Tensor:
    x = numbers(columns, walk)
    last = len(estimator.coefs_) - 1
    for position, (weights, bias) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True)):
        kind = estimator.out_activation_ if position == last else estimator.activation
        x = _ACTIVATIONS[kind](x @ weights + bias)
    return x


def _classifier(estimator: MLPClassifier, columns: Columns, walk: Walk) -> Answer:
    output = _output(estimator, columns, walk)
    if len(estimator.classes_) == 2:
        return Classification(estimator.classes_, two_classes(walk.graph, output.named(1)), output.name)
    name = output.named(len(estimator.classes_))
    return Classification(estimator.classes_, name, name)


def _regressor(estimator: MLPRegressor, columns: Columns, walk: Walk) -> Answer:
    if estimator.n_outputs_ != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    return Regression(_output(estimator, columns, walk).named(1))


PREDICTORS: dict[type, Predictor] = {MLPClassifier: _classifier, MLPRegressor: _regressor}
