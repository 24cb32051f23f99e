"""What is logged and counted: a record a prediction, a line a refused request, a line a change of version."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from logging import INFO
from operator import ne
from typing import Any

from aws_lambda_powertools.logging import Logger

from mlops.contract import Contract
from mlops.errors.base import MlopsError
from mlops.errors.serving import InputRejected
from mlops.registry.aliases import CHAMPION
from mlops.serving.live.traffic import Role, Shadow
from mlops.serving.record_lines import RecordLines, list_answers
from mlops.serving.recording import Recording
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores
from mlops.serving.violations import list_violations
from mlops.telemetry import Unit, emit_metrics, log_records

MAX_LOGGED_VIOLATIONS = 20
MAX_LOGGED_REASON = 1_000  # characters
_MAX_LOGGED = 6_000  # bytes of a line's violations


class ServingLog:
    """Writes the serving function's records and metrics; `recording` says what records hold of the inputs."""

    def __init__(self, logger: Logger, privacy_key: str, recording: Recording) -> None:
        self.logger = self._logger = logger
        self.key = self._key = privacy_key.encode()
        self._lines = RecordLines(self._key, recording)

    def predictions(
        self,
        scorer: Scorer,
        rows: Sequence[Row],
        scores: Scores,
        ids: Sequence[str],
        latency_ms: float,
        request: Mapping[str, str],
        *,
        role: Role = "champion",
        shadow: Shadow | None = None,
        drafts: Sequence[bytes] | None = None,
    ) -> None:
        """One record a row, with what is recorded of the inputs; one count and latency a request.

        `role` is the scorer's. The challenger's shadow scores are members of the same records. `drafts` are the records
        as far as `draft` wrote them.
        """
        model = scorer.manifest.model
        common = {
            "record": "prediction",
            "model": model,
            "model_version": scorer.manifest.version,
            "role": role,
            "latency_ms": round(latency_ms, 3),
            **request,
        }
        shadow_answers = _shadow_answers(shadow) if shadow else []

        def write(start: bytes) -> Iterator[bytes]:
            return self._lines.write(start, scorer, rows, scores, ids, shadow_answers, drafts)

        log_records(self._logger, "prediction", common, write)
        metrics: dict[str, tuple[float, Unit]] = {
            "Predictions": (len(rows), "Count"),
            "Latency": (latency_ms, "Milliseconds"),
        }
        emit_metrics(model, metrics | _compare(scores, shadow) if shadow else metrics)

    def draft(self, contract: Contract, rows: Sequence[Row], ids: Sequence[str]) -> Sequence[bytes] | None:
        """The parts of a large batch's records that don't depend on the answers; `ids` are the predictions'.

        None if the batch is small or isn't a matrix, if a column is hashed, or if nothing is logged.
        """
        return None if self._logger.log_level > INFO else self._lines.draft(contract, rows, ids)

    def challenger_failed(self, model: str, version: int, reason: str, *, is_new: bool) -> None:
        """The challenger gave no answer; the champion did. Each failure is counted, the first of its type is logged."""
        if is_new:
            extra = {"record": "refusal", "model": model, "model_version": version, "reason": reason}
            self._logger.error("challenger failed", extra=extra)
        emit_metrics(model, {"ChallengerFailed": (1, "Count")})

    def rejected(self, model: str, error: MlopsError, request: Mapping[str, str]) -> None:
        """A request that was refused, with the rules it broke."""
        extra: dict[str, Any] = {"record": "rejection", "model": model, "reason": type(error).__name__, **request}
        if isinstance(error, InputRejected):
            extra["violations"] = list_violations(error.violations, MAX_LOGGED_VIOLATIONS, _MAX_LOGGED)
            extra["violations_total"] = error.total
        self._logger.warning("request refused", extra=extra)
        emit_metrics(model, {"InputRejected": (1, "Count")})

    def feedback_stored(self, model: str, count: int) -> None:
        """Truths that are durable; the records bucket has them, so no line repeats them."""
        emit_metrics(model, {"TruthsStored": (count, "Count")})

    def feedback_refused(self, model: str, error: MlopsError, request: Mapping[str, str]) -> None:
        """Feedback that was refused, with the rules it broke by number of truths, and no truth.

        It's no record of kind rejection: those are requests for predictions.
        """
        extra: dict[str, Any] = {"model": model, "reason": type(error).__name__, **request}
        if isinstance(error, InputRejected):
            extra["rules"] = dict(Counter(violation.rule for violation in error.violations))
            extra["violations_total"] = error.total
        self._logger.warning("feedback refused", extra=extra)
        emit_metrics(model, {"FeedbackRefused": (1, "Count")})

    def adopted(self, model: str, version: int, seconds: float, alias: str = CHAMPION) -> None:
        """The version is in use from now on."""
        seconds = round(seconds, 4)
        extra = {"record": "adoption", "model": model, "model_version": version, "alias": alias, "seconds": seconds}
        self._logger.info("model version adopted", extra=extra)

    def refused(self, model: str, version: int, reason: str) -> None:
        """The version can't be used."""
        extra = {"record": "refusal", "model": model, "model_version": version, "reason": reason}
        self._logger.error("model version refused", extra=extra)
        emit_metrics(model, {"ModelRefused": (1, "Count")})

    def fell_back(self, model: str, champion: int, version: int | None, reason: str) -> None:
        """The champion can't be used: which version answers instead, and which ones may not.

        It's no record of kind refusal: those count against the version that they name.
        """
        extra = {"model": model, "champion": champion, "answers": version, "reason": reason}
        message = "no version answers" if version is None else "former champion answers"
        self._logger.error(message, extra=extra)

    def unreachable(self, model: str, reason: str) -> None:
        """The registry doesn't answer; the version in memory goes on serving."""
        self._logger.error("registry unreachable", extra={"record": "refusal", "model": model, "reason": reason})
        emit_metrics(model, {"RegistryUnreachable": (1, "Count")})

    def failed(
        self, model: str, status: int, asked: Mapping[str, str], error: Exception | None, *, expected: bool
    ) -> None:
        """A request that was answered with a 5xx: its status and the reason, and for an unexpected error its trace.

        `asked` has the method, the path and the ids of the request.
        """
        extra: dict[str, Any] = {"record": "failure", "model": model, "status": status, **asked}
        if error is not None:
            extra["reason"] = (str(error) or type(error).__name__).partition("\n")[0][:MAX_LOGGED_REASON]
        self._logger.error("request failed", exc_info=None if expected else error, extra=extra)
        # The alarm of a new version of the code counts its own failures.
        emit_metrics(model, {"RequestFailed": (1, "Count")}, by_version=True)


def _shadow_answers(shadow: Shadow) -> list[dict[str, Any]]:
    """The challenger's answer to each row that it scored, in members of their own."""
    return [
        {f"challenger_{name}": answer[name] for name in ("label", "probability", "value") if name in answer}
        | {"challenger_version": shadow.scorer.manifest.version}
        for answer in list_answers(shadow.scorer, shadow.scores)
    ]


def _compare(scores: Scores, shadow: Shadow) -> dict[str, tuple[float, Unit]]:
    """The number of rows that the challenger scored, of different labels, and the time that it took."""
    metrics: dict[str, tuple[float, Unit]] = {
        "ChallengerPredictions": (shadow.rows, "Count"),
        "ChallengerLatency": (shadow.milliseconds, "Milliseconds"),
    }
    if shadow.scores.labels:
        metrics["ChallengerDisagreements"] = (sum(map(ne, scores.labels, shadow.scores.labels)), "Count")
    return metrics
