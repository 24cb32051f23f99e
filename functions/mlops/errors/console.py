"""The console: who is signed in, and its forms."""

from mlops.errors.base import MlopsError


class SignInNeeded(MlopsError):
    """A request to the console of nobody who is signed in."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Sign in: {reason}.")
        self.reason = reason


class RequestForged(MlopsError):
    """A form that the console didn't make for whoever sends it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The form wasn't taken: {reason}.")
        self.reason = reason


class FormInvalid(MlopsError):
    """A form whose field can't be used."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"The field {field!r} can't be used: {reason}.")
        self.field = field
        self.reason = reason
