"""A classifier's classes in the order of the contract's labels."""

from typing import Any

from mlops.contract import Contract
from mlops.errors import CompilationFailed


def label_order(estimator: Any, classes: Any, contract: Contract) -> list[int]:
    """The position of each of the contract's labels among a classifier's classes, which are compared as text.

    Raises CompilationFailed if they aren't the same.
    """
    texts = [str(label) for label in classes]
    labels = contract.target.labels
    if sorted(texts) != sorted(labels):
        raise CompilationFailed(
            type(estimator).__name__,
            f"it knows the classes {texts}, and the contract has {list(labels)}; "
            "fit it on rows of every label, or take the missing ones out of the contract",
        )
    return [texts.index(label) for label in labels]
