"""Every error of this package; each carries its data."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_MAX_SHOWN = 80  # characters of a text from a request that a message repeats


class MlopsError(Exception):
    """The root of this package's errors."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One broken rule: where, what, and which rule.

    `row` is the row's position among the data rows, from 0. `value` is left out where the contract's privacy
    rule keeps it from being repeated.
    """

    rule: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set."""
        return {key: value for key, value in asdict(self).items() if value is not None}


EXAMPLES = 3
"""Violations that are shown of a rule."""


@dataclass(frozen=True)
class ViolationGroup:
    """The violations of one rule in one column, or in none: how many there are, and the first of them."""

    rule: str
    column: str | None
    count: int
    examples: tuple[Violation, ...]

    @classmethod
    def of(cls, count: int, examples: Sequence[Violation]) -> "ViolationGroup":
        """The group that begins with these violations of a rule."""
        first = examples[0]
        return cls(first.rule, first.column, count, tuple(examples))

    def to_dict(self) -> dict[str, Any]:
        """The rule, the column if there is one, the count, and the examples' messages."""
        column = {} if self.column is None else {"column": self.column}
        return {"rule": self.rule, **column, "count": self.count, "examples": [each.message for each in self.examples]}


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


def group_violations(violations: Sequence[Violation]) -> tuple[ViolationGroup, ...]:
    """The violations by rule and column, the most frequent first."""
    found: dict[tuple[str, str | None], list[Violation]] = {}
    for violation in violations:
        found.setdefault((violation.rule, violation.column), []).append(violation)
    groups = [ViolationGroup.of(len(each), each[:EXAMPLES]) for each in found.values()]
    return tuple(sorted(groups, key=lambda group: -group.count))


def rejection(rule: str, message: str, row: int | None = None, column: str | None = None) -> DatasetRejected:
    """The rejection of a dataset that breaks one rule, in one place at most."""
    return DatasetRejected(message, [Violation(rule=rule, message=message, row=row, column=column)])


class DatasetGone(DatasetRejected):
    """A dataset that was deleted before it was read: there is no dataset left to report on."""

    def __init__(self, key: str, version: str | None) -> None:
        which = f"version {version} of {key}" if version else key
        message = f"{which} was deleted before it was read; upload the dataset again"
        super().__init__(message, [Violation(rule="gone", message=message)])


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


class InputRejected(MlopsError):
    """A request whose rows break the model's contract; `total` counts the violations, also those that aren't listed."""

    def __init__(self, violations: Sequence[Violation], total: int | None = None) -> None:
        super().__init__("; ".join(violation.message for violation in violations[:3]))
        self.violations = tuple(violations)
        self.total = len(violations) if total is None else total


class TruthsRejected(InputRejected):
    """A request of feedback with truths that can't be used; each violation's `row` is a truth's position."""


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


class ModelNotFound(MlopsError):
    """No model of this name has a version."""

    def __init__(self, model: str) -> None:
        shown = model if len(model) <= _MAX_SHOWN else f"{model[:_MAX_SHOWN]}…"
        super().__init__(f"There is no model named {shown!r}.")
        self.model = model


class VersionNotPublic(MlopsError):
    """A model version that failed gates, so that no request may name it."""

    def __init__(self, model: str, version: int, gates: Sequence[str]) -> None:
        super().__init__(
            f"Version {version} of {model!r} isn't public: it failed {', '.join(gates)}. It answers once a person "
            "promotes it, or where ServeRefusedVersions is true."
        )
        self.model = model
        self.version = version
        self.gates = tuple(gates)


class VersionNotFound(MlopsError):
    """A model version that was never completed."""

    def __init__(self, model: str, version: int) -> None:
        super().__init__(f"Model {model!r} has no version {version}.")
        self.model = model
        self.version = version


class AliasNotFound(MlopsError):
    """An alias that points at no version yet."""

    def __init__(self, model: str, alias: str) -> None:
        super().__init__(f"Model {model!r} has no {alias}.")
        self.model = model
        self.alias = alias


class AliasInvalid(MlopsError):
    """An alias whose file isn't what was written."""

    def __init__(self, model: str, alias: str, reason: str) -> None:
        super().__init__(f"The {alias} of {model!r} can't be read: {reason}")
        self.model = model
        self.alias = alias
        self.reason = reason


class AliasMoved(MlopsError):
    """Somebody else moved the alias first: read it again, then decide again."""

    def __init__(self, model: str, alias: str) -> None:
        super().__init__(f"The {alias} of {model!r} was moved by somebody else in the meantime.")
        self.model = model
        self.alias = alias


class VersionRefused(MlopsError):
    """A version that failed a gate, and isn't promoted unless a person insists."""

    def __init__(self, model: str, version: int, reasons: Sequence[str]) -> None:
        super().__init__(f"Version {version} of {model!r} failed its gates: {'; '.join(reasons)}")
        self.model = model
        self.version = version
        self.reasons = tuple(reasons)


class VersionNotHeld(MlopsError):
    """A version that waits for no approval."""

    def __init__(self, model: str, version: int, *, accepted: bool) -> None:
        why = "it passed its gates" if accepted else "it failed gates that no approval changes"
        super().__init__(f"Version {version} of {model!r} waits for no approval: {why}.")
        self.model = model
        self.version = version


class NothingBefore(MlopsError):
    """A rollback of a champion that was the first."""

    def __init__(self, model: str, version: int) -> None:
        super().__init__(f"Version {version} of {model!r} is the first champion, so there is none to roll back to.")
        self.model = model
        self.version = version


class ArtifactInvalid(MlopsError):
    """A version's file that is missing, altered, or not what its manifest says."""

    def __init__(self, model: str, version: int, reason: str) -> None:
        super().__init__(f"Version {version} of {model!r} can't be used: {reason}")
        self.model = model
        self.version = version
        self.reason = reason


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


class SettingInvalid(MlopsError):
    """An environment variable that is missing or has a value that can't be used."""

    def __init__(self, variable: str, value: str | None, rule: str) -> None:
        given = "is not set" if value is None else f"is {value!r}"
        super().__init__(f"{variable} {given}: {rule}")
        self.variable = variable
        self.value = value


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


class TrackingFailed(MlopsError):
    """MLflow couldn't record something."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"MLflow has no record of it: {reason}")
        self.reason = reason


class RetrainingRefused(MlopsError):
    """No dataset can be assembled from a model's records; trying again can't cure it."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"No dataset can be assembled for {model!r}: {reason}")
        self.model = model
        self.reason = reason


class ErrorWithheld(MlopsError):
    """An unexpected error while private values were handled, without its message: its type and its place remain.

    Libraries put values into their messages: "could not convert string to float: 'Smith'".
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}; its message is withheld, since it may contain private values")
        self.with_traceback(error.__traceback__)


class BodyUnreadable(MlopsError):
    """A request body that isn't in the form that its type promises, such as JSON."""

    def __init__(self, reason: str, form: str = "JSON") -> None:
        super().__init__(f"The body isn't valid {form}: {reason}")
        self.reason = reason
        self.form = form


class BodyTooLarge(MlopsError):
    """A request body with more rows or bytes than one request may have."""

    def __init__(self, unit: str, limit: int, observed: int | None = None) -> None:
        given = "more" if observed is None else f"{observed:,}"
        super().__init__(f"A request may have {limit:,} {unit}, this one has {given}. Split it into smaller ones.")
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
        shown = given if len(given) <= _MAX_SHOWN else f"{given[:_MAX_SHOWN]}…"
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


class ChallengeRefused(MlopsError):
    """A version that may not challenge the champion in this way."""

    def __init__(self, model: str, version: int, reason: str) -> None:
        super().__init__(f"Version {version} of {model!r} can't be the challenger: {reason}.")
        self.model = model
        self.version = version
        self.reason = reason
