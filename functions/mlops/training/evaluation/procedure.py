"""How a version's estimator was fitted, ready to be repeated on other rows."""

from dataclasses import dataclass
from typing import Any, Self

import pandas as pd
import skops.io
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from mlops.artifact.names import ESTIMATOR
from mlops.data.row_digests import row_units
from mlops.errors.registry import ArtifactInvalid
from mlops.evaluation.metrics.answers import Answers, make_answers
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.manifest.search import CalibrationMethod
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.compile.estimator import predict
from mlops.training.search.final_fit import fit_calibrated


@dataclass(frozen=True)
class Procedure:
    """An unfitted estimator with its parameters, and the method by which its probabilities are calibrated."""

    estimator: Any
    calibration: CalibrationMethod | None
    threshold: float | None

    @classmethod
    def of(cls, fitted: Any, threshold: float | None) -> Self:
        """The procedure that made a fitted estimator."""
        calibration = fitted.method if isinstance(fitted, CalibratedClassifierCV) else None
        inner = fitted.estimator if calibration else fitted
        inner = inner.estimator if isinstance(inner, FrozenEstimator) else inner
        return cls(clone(inner), calibration, threshold)

    @classmethod
    def read(cls, versions: Versions, manifest: Manifest) -> Self:
        """That of a version, from its files. Raises ArtifactInvalid."""
        content = versions.read(manifest, ESTIMATOR)
        try:
            # Written by a training into our own registry, and checked against the manifest's digest.
            fitted = skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
        except (ImportError, AttributeError, TypeError, ValueError, KeyError) as error:
            reason = f"its estimator can't be read with the libraries here ({type(error).__name__})"
            raise ArtifactInvalid(manifest.model, manifest.version, reason) from error
        return cls.of(fitted, manifest.threshold)

    def answer(self, seen: pd.DataFrame, held: pd.DataFrame, spec: ModelSpec) -> Answers:
        """Fitted on the rows that are seen, its answers to those that are held out."""
        fitted = fit_calibrated(clone(self.estimator), seen, self.calibration, spec)
        return make_answers(predict(fitted, held, spec.contract), held, spec.contract, self.threshold, row_units(held))
