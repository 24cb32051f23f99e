"""Monitoring, and datasets that it makes of records."""

from mlops.errors.base import MlopsError


class MonitoringMoved(MlopsError):
    """Another run moved the state of a model's monitoring first: read it again, then go on from there."""

    def __init__(self, model: str) -> None:
        super().__init__(f"The state of monitoring {model!r} was moved by another run in the meantime.")
        self.model = model


class AnnouncementFailed(MlopsError):
    """An event of monitoring that EventBridge didn't take."""

    def __init__(self, announcement: str, reason: str) -> None:
        super().__init__(f"{announcement} could not be announced: {reason}")
        self.announcement = announcement
        self.reason = reason


class RetrainingRefused(MlopsError):
    """No dataset can be assembled from a model's records; trying again can't cure it."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"No dataset can be assembled for {model!r}: {reason}")
        self.model = model
        self.reason = reason
