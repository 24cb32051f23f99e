"""The running system: its queues, its batches, its functions, and queries of its logs."""

from collections.abc import Sequence

from mlops.errors.base import MlopsError


class QueryFailed(MlopsError):
    """A query of the logs that gave no result."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The query of the logs failed: {reason}.")
        self.reason = reason


class ServingUnavailable(MlopsError):
    """The function that answers people who try a model gave no answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The function that answers gave no answer: {reason}.")
        self.reason = reason


class ComparisonUnavailable(MlopsError):
    """The function that compares versions can't be asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The versions can't be compared: {reason}.")
        self.reason = reason


class BatchNotFound(MlopsError):
    """A batch that doesn't exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no batch {name!r}; `scripts/mlops batch status` lists them.")
        self.name = name


class BatchUnfinished(MlopsError):
    """A batch that has no results: it runs, or it failed."""

    def __init__(self, name: str, status: str, reason: str | None) -> None:
        super().__init__(f"Batch {name} is {status} and has no results{f': {reason}' if reason else ''}")
        self.name = name
        self.status = status
        self.reason = reason


class QueueNotFound(MlopsError):
    """A queue that doesn't exist."""

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(f"There is no queue {name!r}; there is: {', '.join(names)}.")
        self.name = name
        self.names = tuple(names)


class RedriveRefused(MlopsError):
    """Something that can't be redriven: it didn't fail, or it's redriven already."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name
        self.reason = reason


class RedriveOvertaken(MlopsError):
    """Somebody else redrove it first: look at it again, then decide again."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} was redriven by somebody else in the meantime.")
        self.subject = subject
