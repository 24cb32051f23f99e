"""The errors of states, by the names that definitions retry and catch."""

from __future__ import annotations

ALL = "States.ALL"
BRANCH_FAILED = "States.BranchFailed"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
EXCEED_TOLERATED = "States.ExceedToleratedFailureThreshold"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
INTRINSIC_FAILURE = "States.IntrinsicFailure"
ITEM_READER_FAILED = "States.ItemReaderFailed"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
PARAMETER_PATH_FAILURE = "States.ParameterPathFailure"
PERMISSIONS = "States.Permissions"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
RESULT_PATH_MATCH_FAILURE = "States.ResultPathMatchFailure"
RESULT_WRITER_FAILED = "States.ResultWriterFailed"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"

# Neither retried nor caught by States.ALL.
_TERMINAL = frozenset({RUNTIME, DATA_LIMIT_EXCEEDED})


class StateError(Exception):
    """A state failed with an error name and, usually, a cause."""

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause

    @property
    def details(self) -> dict[str, str]:
        """The members of a history event."""
        known = {"error": self.error, "cause": self.cause}
        return {name: value for name, value in known.items() if value is not None}


class DataError(StateError):
    """An expression of a state couldn't be evaluated, or has a wrong value; `location` is the field, if it's known."""

    def __init__(self, error: str, cause: str, location: str | None = None) -> None:
        super().__init__(error, cause)
        self.location = location


def matches(name: str, error: StateError) -> bool:
    """Whether an entry of ErrorEquals matches an error."""
    if error.error == name:
        return True
    if name == ALL:
        return error.error not in _TERMINAL
    if name == TASK_FAILED:
        return error.error not in _TERMINAL and error.error != TIMEOUT
    return name == TIMEOUT and error.error == HEARTBEAT_TIMEOUT
