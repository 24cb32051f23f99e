"""Specs, training, compilation and tracking."""

from mlops.errors.base import MlopsError


class CompilationFailed(MlopsError):
    """A fitted estimator that can't be compiled to the same function."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step} can't be compiled exactly: {reason}")
        self.step = step
        self.reason = reason


class EstimatorFailed(MlopsError):
    """Estimators that can't be fitted to a dataset: none of a spec's candidates, or the one that was chosen."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TrainingStopped(MlopsError):
    """A training that was ended since its memory or time ran out; `rule` is "memory" or "time"."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


class TrainingInterrupted(MlopsError):
    """A training that was told to end before it had ended, as containers are whose capacity is taken back."""

    def __init__(self) -> None:
        super().__init__("the container was told to stop: its capacity was taken back, or somebody stopped it")


class TrainingTooLarge(MlopsError):
    """A training that goes on where there's more memory and time; `size` is that of the dataset's file in bytes."""

    def __init__(self, reason: str, size: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.size = size


class TrainingContested(MlopsError):
    """Two deliveries of one training whose searches ended at different trials because of the time limit."""

    def __init__(self, model: str, version: int) -> None:
        super().__init__(
            f"Another delivery makes version {version} of {model!r} from other trials, since the time limit ended the "
            "search; the next attempt repeats those."
        )
        self.model = model
        self.version = version


class Incomparable(MlopsError):
    """Two versions that can't be compared: they predict different targets, or there are too few fresh rows."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SpecInvalid(MlopsError):
    """A model spec that is missing or contradicts itself."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"The spec of {model!r} can't be used: {reason}")
        self.model = model
        self.reason = reason


class TrackingFailed(MlopsError):
    """MLflow couldn't record something."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"MLflow has no record of it: {reason}")
        self.reason = reason
