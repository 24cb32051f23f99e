"""What is logged and counted: a record a prediction, a line a refused request, the versions' comings and goings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from logging import INFO
from typing import Any
from weakref import WeakKeyDictionary

from aws_lambda_powertools.logging import Logger

from mlops.artifact.matrix import Matrix
from mlops.contract import Contract
from mlops.errors import InputRejected, MlopsError
from mlops.privacy import hashed_columns, make_publisher, public_names
from mlops.registry.aliases import CHAMPION
from mlops.serving.bulk.templates import MANY
from mlops.serving.bulk.writer import draft_records, write_records
from mlops.serving.live.challenger import Role, Shadow
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores
from mlops.telemetry import Unit, emit_metrics, log_records, write_json

MAX_LOGGED_VIOLATIONS = 20


class ServingLog:
    """Writes the serving function's records and metrics."""

    def __init__(self, logger: Logger, privacy_key: str) -> None:
        self._logger = logger
        self._key = privacy_key.encode()
        self._publishers = WeakKeyDictionary[Scorer, Callable[[Mapping[str, Any]], Mapping[str, Any]]]()

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
        """One record a row, with the inputs that the privacy rule lets through; one count and latency a request.

        `role` says as what the scorer answered. What the challenger said beside stands in the same records. `drafts`
        are what `draft` wrote of them.
        """
        model = scorer.manifest.model
        public = self._publishers.get(scorer) or self._publishers.setdefault(
            scorer, make_publisher(scorer.contract, self._key)
        )
        common = {
            "record": "prediction",
            "model": model,
            "model_version": scorer.manifest.version,
            "role": role,
            "latency_ms": round(latency_ms, 3),
            **request,
        }
        told = _shadow_answers(shadow) if shadow else []

        def write(start: bytes) -> Iterator[bytes]:
            if drafts is not None:
                yield from write_records(drafts, start, scorer.contract.target, scores, ids, told)
                return
            for name, answer, said, row in zip(
                ids, _answers(scorer, scores), chain(told, repeat({})), rows, strict=False
            ):
                record = {"prediction_id": name, **answer, **said, "inputs": public(row)}
                yield b"%b,%b\n" % (start, write_json(record)[1:])

        log_records(self._logger, "prediction", common, write)
        metrics: dict[str, tuple[float, Unit]] = {
            "Predictions": (len(rows), "Count"),
            "Latency": (latency_ms, "Milliseconds"),
        }
        emit_metrics(model, metrics | _compare(scores, shadow) if shadow else metrics)

    def draft(self, contract: Contract, rows: Sequence[Row]) -> Sequence[bytes] | None:
        """What can be written of the records of many rows while the model answers.

        None if the rows aren't so many, or no matrix, or have a column that is hashed, or if nothing is recorded.
        """
        if len(rows) < MANY or not isinstance(rows, Matrix) or self._logger.log_level > INFO:
            return None
        if hashed_columns(contract, self._key):
            return None
        names = public_names(contract)
        places = [rows.names.index(name) for name in names]
        numbers = rows.numbers if names == rows.names else rows.numbers[:, places]
        return draft_records(contract.target, names, numbers)

    def challenger_failed(self, model: str, version: int, reason: str, *, news: bool) -> None:
        """The challenger gave no answer; the champion's is not touched by it. Each failure is counted."""
        if news:
            extra = {"record": "refusal", "model": model, "model_version": version, "reason": reason}
            self._logger.error("challenger failed", extra=extra)
        emit_metrics(model, {"ChallengerFailed": (1, "Count")})

    def rejected(self, model: str, error: MlopsError, request: Mapping[str, str]) -> None:
        """A request that was refused, with the rules it broke."""
        extra: dict[str, Any] = {"record": "rejection", "model": model, "reason": type(error).__name__, **request}
        if isinstance(error, InputRejected):
            extra["violations"] = [violation.to_dict() for violation in error.violations[:MAX_LOGGED_VIOLATIONS]]
            extra["violations_total"] = error.total
        self._logger.warning("request refused", extra=extra)
        emit_metrics(model, {"InputRejected": (1, "Count")})

    def adopted(self, model: str, version: int, seconds: float, alias: str = CHAMPION) -> None:
        """The version is in use from now on."""
        seconds = round(seconds, 4)
        extra = {"record": "adoption", "model": model, "model_version": version, "alias": alias, "seconds": seconds}
        self._logger.info("model version adopted", extra=extra)

    def refused(self, model: str, version: int, reason: str) -> None:
        """The version can't be used; what served before goes on."""
        extra = {"record": "refusal", "model": model, "model_version": version, "reason": reason}
        self._logger.error("model version refused", extra=extra)
        emit_metrics(model, {"ModelRefused": (1, "Count")})

    def unreachable(self, model: str, reason: str) -> None:
        """The registry doesn't answer; what served before goes on."""
        self._logger.error("registry unreachable", extra={"record": "refusal", "model": model, "reason": reason})
        emit_metrics(model, {"RegistryUnreachable": (1, "Count")})

    def failed(self, error: Exception, request: Mapping[str, str]) -> None:
        """An error of ours, with its stack trace."""
        self._logger.error("request failed", exc_info=error, extra=dict(request))


def _answers(scorer: Scorer, scores: Scores) -> list[dict[str, Any]]:
    names = scorer.contract.target.labels
    if not names:
        return [{"value": value} for value in scores.values]
    told = [dict(zip(names, chances, strict=True)) for chances in scores.probabilities]
    return [
        {"label": label, "probability": chances[label], "probabilities": chances}
        for label, chances in zip(scores.labels, told, strict=True)
    ]


def _shadow_answers(shadow: Shadow) -> list[dict[str, Any]]:
    """What the challenger said of each row that it was asked about, in members of their own."""
    return [
        {f"challenger_{name}": answer[name] for name in ("label", "probability", "value") if name in answer}
        | {"challenger_version": shadow.scorer.manifest.version}
        for answer in _answers(shadow.scorer, shadow.scores)
    ]


def _compare(scores: Scores, shadow: Shadow) -> dict[str, tuple[float, Unit]]:
    """How often the challenger was asked, how often its label was another, and what it cost the request."""
    told = zip(scores.labels, shadow.scores.labels, strict=False)
    metrics: dict[str, tuple[float, Unit]] = {
        "ChallengerPredictions": (shadow.rows, "Count"),
        "ChallengerLatency": (shadow.milliseconds, "Milliseconds"),
    }
    if shadow.scores.labels:
        metrics["ChallengerDisagreements"] = (sum(ours != theirs for ours, theirs in told), "Count")
    return metrics
