"""Records of predictions and feedback, and queries over them."""

from mlops.errors.base import MlopsError


class TruthInvalid(MlopsError):
    """A truth, or a part of one, that breaks a rule; `rule` is its name in reports."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


class FeedbackRejected(MlopsError):
    """A feedback file none of whose rows can be used. Trying again can't cure it."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file} can't be used as feedback: {reason}")
        self.file = file
        self.reason = reason


class ObjectDamaged(MlopsError):
    """An object of records that can't be read, or not to its end."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SqlInvalid(MlopsError):
    """SQL over records that can't be answered."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The query can't be answered: {reason}")
        self.reason = reason
