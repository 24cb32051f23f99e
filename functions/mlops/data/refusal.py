"""A dataset that is refused for one reason, before its rows are looked at."""

from mlops.errors import DatasetRejected, Violation


def refuse(rule: str, message: str, row: int | None = None) -> DatasetRejected:
    """The error that a dataset breaks one rule."""
    return DatasetRejected(message, [Violation(rule=rule, message=message, row=row)])
