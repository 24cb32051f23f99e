"""The root of the package's errors, and those of no stage."""

_MAX_SHOWN = 80  # characters


class MlopsError(Exception):
    """The root of this package's errors."""


class ServiceUnavailable(MlopsError):
    """A service of AWS didn't answer an operation."""

    what = "service"

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(f"The {self.what} doesn't answer {operation}: {reason}")
        self.operation = operation
        self.reason = reason


class SettingInvalid(MlopsError):
    """An environment variable that is missing or has a value that can't be used."""

    def __init__(self, variable: str, value: str | None, rule: str) -> None:
        given = "is not set" if value is None else f"is {value!r}"
        super().__init__(f"{variable} {given}: {rule}")
        self.variable = variable
        self.value = value


class ErrorWithheld(MlopsError):
    """An unexpected error while private values were handled, without its message: its type and its place remain.

    Libraries put values into their messages: "could not convert string to float: 'Smith'".
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}; its message is withheld, since it may contain private values")
        self.with_traceback(error.__traceback__)


def shorten(text: str) -> str:
    """A text from a request as a message repeats it: its first 80 characters."""
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
