"""Requests to models, and their answers."""

from collections.abc import Sequence

from mlops.errors.base import MlopsError, shorten
from mlops.errors.violations import Violation


class InputRejected(MlopsError):
    """A request whose rows break the model's contract; `total` counts the violations, also those that aren't listed."""

    def __init__(self, violations: Sequence[Violation], total: int | None = None) -> None:
        super().__init__("; ".join(violation.message for violation in violations[:3]))
        self.violations = tuple(violations)
        self.total = len(violations) if total is None else total


class TruthsRejected(InputRejected):
    """A request of feedback with truths that can't be used; each violation's `row` is a truth's position."""


class EventsRejected(InputRejected):
    """A request of feedback with events that can't be used; each violation's `row` is an event's position."""


class SwitchedOff(MlopsError):
    """A request for what a setting of the API switches off."""

    def __init__(self, what: str, setting: str) -> None:
        super().__init__(f"This API doesn't offer {what}: {setting} is false.")
        self.what = what
        self.setting = setting


class FeedbackNotTaken(MlopsError):
    """Feedback to an API that has no bucket to store it in."""

    def __init__(self) -> None:
        super().__init__("This API takes no feedback: its setting RECORDS_BUCKET names no bucket to store it in.")


class FeedbackNotStored(MlopsError):
    """Feedback that the records bucket didn't take."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"The feedback to {model!r} could not be stored: {reason}")
        self.model = model
        self.reason = reason


class BodyUnreadable(MlopsError):
    """A request body that isn't in the form that its type promises, such as JSON."""

    def __init__(self, reason: str, form: str = "JSON") -> None:
        super().__init__(f"The body isn't valid {form}: {reason}")
        self.reason = reason
        self.form = form


class BodyTooLarge(MlopsError):
    """A request body with more rows or bytes than one request may have; `why` is where the limit comes from."""

    def __init__(self, unit: str, limit: int, observed: int | None = None, why: str = "") -> None:
        given = "more" if observed is None else f"{observed:,}"
        reason = f" ({why})" if why else ""
        super().__init__(
            f"A request may have {limit:,} {unit}{reason}, this one has {given}. Split it into smaller ones."
        )
        self.unit = unit
        self.limit = limit
        self.observed = observed


class MediaTypeUnsupported(MlopsError):
    """A request body of a type that its path doesn't take, or in another encoding than UTF-8."""

    def __init__(self, given: str | None, accepted: Sequence[str] = ("application/json",)) -> None:
        found = f"it is {given}" if given else "there is none"
        super().__init__(f"The Content-Type must be {' or '.join(accepted)} in UTF-8, and {found}.")
        self.given = given
        self.accepted = tuple(accepted)


class ContentCodingUnsupported(MlopsError):
    """A request body in a content coding that isn't taken."""

    def __init__(self, given: str) -> None:
        shown = shorten(given)
        super().__init__(f"The Content-Encoding may be gzip, once, or identity, and it is {shown!r}.")
        self.given = given


class ModelUnavailable(MlopsError):
    """A model that can't answer at the moment."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"Model {model!r} can't answer now: {reason}")
        self.model = model
        self.reason = reason


class QueryInvalid(MlopsError):
    """A query parameter that the path doesn't take, or with a value that can't be used."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter} {reason}")
        self.parameter = parameter
        self.reason = reason


class ExplanationUnavailable(MlopsError):
    """A model version whose answers can't be explained."""

    def __init__(self, model: str, version: int, reason: str) -> None:
        super().__init__(f"Version {version} of {model!r} can't be explained: {reason}")
        self.model = model
        self.version = version
        self.reason = reason
