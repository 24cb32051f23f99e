"""Datasets and the messages about them."""

from collections.abc import Sequence

from mlops.errors.base import MlopsError
from mlops.errors.violations import Violation, ViolationGroup, group_violations


class DatasetRejected(MlopsError):
    """A dataset that no model may be trained on. Trying again can't cure it.

    `total` counts the violations, also those that aren't listed; `groups` are all of them by rule and column.
    """

    def __init__(
        self,
        reason: str,
        violations: Sequence[Violation] = (),
        total: int | None = None,
        groups: Sequence[ViolationGroup] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.violations = tuple(violations)
        self.total = len(self.violations) if total is None else total
        self.groups = tuple(groups) or group_violations(self.violations)


def rejection(rule: str, message: str, row: int | None = None, column: str | None = None) -> DatasetRejected:
    """The rejection of a dataset that breaks one rule, in one place at most."""
    return DatasetRejected(message, [Violation(rule=rule, message=message, row=row, column=column)])


class DatasetGone(DatasetRejected):
    """A dataset that was deleted before it was read: there is no dataset left to report on."""

    def __init__(self, key: str, version: str | None) -> None:
        which = f"version {version} of {key}" if version else key
        message = f"{which} was deleted before it was read; upload the dataset again"
        super().__init__(message, [Violation(rule="gone", message=message)])


class DatasetTooLarge(DatasetRejected):
    """A dataset that the memory or the time of the training doesn't do for; `rule` is "size" or "time"."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message, [Violation(rule=rule, message=message)])


class DatasetLost(MlopsError):
    """The dataset of a version, deleted or replaced since the version was trained on it."""

    def __init__(self, model: str, version: int, uri: str, reason: str) -> None:
        super().__init__(f"{uri}, which version {version} of {model!r} was trained on, can't be used: {reason}.")
        self.model = model
        self.version = version
        self.uri = uri
        self.reason = reason


class EventInvalid(MlopsError):
    """A message that isn't about an upload. No retry can cure it: it belongs in the dead-letter queue."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The message isn't an Object Created event of S3 through EventBridge: {reason}")
        self.reason = reason
