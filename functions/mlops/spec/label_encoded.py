"""A classifier for labels of any kind around one that takes classes 0, 1, 2 … alone, as XGBoost's do."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted


def _classifier_has(name: str) -> Any:
    return available_if(lambda self: hasattr(getattr(self, "classifier_", self.classifier), name))


class LabelEncoded(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]
    """Fits `classifier` on the labels' positions among the sorted ones, and answers with the labels."""

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier

    def fit(self, rows: Any, labels: Any) -> Self:
        """Fit on rows [n, columns] with their labels [n]."""
        encoder = LabelEncoder().fit(labels)
        self.classes_ = encoder.classes_
        self.classifier_ = clone(self.classifier).fit(rows, encoder.transform(labels))
        if hasattr(rows, "columns"):
            self.feature_names_in_ = np.asarray(rows.columns, dtype=object)
        self.n_features_in_ = rows.shape[1]
        return self

    def predict(self, rows: Any) -> Any:
        """The label [n] of each row."""
        check_is_fitted(self)
        return self.classes_[np.asarray(self.classifier_.predict(rows), dtype=np.int64)]

    @_classifier_has("predict_proba")  # type: ignore[untyped-decorator]
    def predict_proba(self, rows: Any) -> Any:
        """[n, k]: the probability of each of `classes_`."""
        check_is_fitted(self)
        return self.classifier_.predict_proba(rows)
