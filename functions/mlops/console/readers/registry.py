"""Versions and aliases, as pages need them: manifests never change, so each is read once."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NotRequired, TypedDict

from pydantic import TypeAdapter
from pydantic_core import from_json

from mlops.artifact.names import GOLDEN
from mlops.console.readers.cache import Cache
from mlops.errors.registry import ArtifactInvalid, VersionNotFound
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases
from mlops.registry.manifest.manifest import TABLE, Manifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions, list_models

if TYPE_CHECKING:
    from mlops.registry.versions import AnyManifest

type Standing = Literal["passed", "held", "refused", "unreadable"]

SECONDS = 5.0
"""For which an alias, or a list, is believed: a page may be so old."""
_HALF_MINUTE = 30.0
_FOR_EVER = float("inf")
_MOST_MANIFESTS = 64
_FEW = 8
_FIRST_METRICS = ("roc_auc", "accuracy", "f1", "r2", "rmse", "ndcg", "recall")


class Measured(NamedTuple):
    """A metric with the ends of its interval, None where there's none."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Summary:
    """A version in a table: what it is, and its test metrics' values. One that can't be read has only a `reason`.

    `reason` says why a version was refused or held: what the failed gates found. `rows` are its dataset's, and
    `rejected_rows` more were left out.
    """

    number: int
    standing: Standing
    kind: str | None = None
    reason: str | None = None
    created_at: datetime | None = None
    candidate: str = ""
    dataset: str = ""
    dataset_sha256: str = ""
    rows: int = 0
    rejected_rows: int = 0
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    metric: str | None = None

    @property
    def file(self) -> str:
        """The dataset's name."""
        return self.dataset.rpartition("/")[2]


class Registry:
    """Reads the registry in `store`, many objects at a time by `pool`."""

    def __init__(self, store: Store, cache: Cache, pool: Executor) -> None:
        self._store, self._cache, self._pool = store, cache, pool
        self._manifests = Cache(_MOST_MANIFESTS)

    def models(self) -> list[str]:
        """The names of all models, sorted."""
        return self._cache.get(("models",), SECONDS, lambda: list_models(self._store))

    def versions(self, model: str) -> Versions:
        """The versions of a model, for writes and files."""
        return Versions(self._store, model)

    def aliases(self, model: str) -> Aliases:
        """The aliases of a model, for writes."""
        return Aliases(self._store, model)

    def alias(self, model: str, name: str) -> Alias | None:
        """An alias; None if it was never set. Raises AliasInvalid."""
        return self._cache.get(("alias", model, name), SECONDS, lambda: self.aliases(model).find(name))

    def champion(self, model: str) -> Alias | None:
        """The champion's alias. Raises AliasInvalid."""
        return self.alias(model, CHAMPION)

    def challenger(self, model: str) -> Alias | None:
        """The challenger's alias, None if there's none in service. Raises AliasInvalid."""
        found = self.alias(model, CHALLENGER)
        return None if found is None or found.withdrawn else found

    def numbers(self, model: str) -> list[int]:
        """The claimed versions, the newest first; those that are still being trained too."""
        read = self.versions(model).claimed
        return self._cache.get(("numbers", model), SECONDS, lambda: sorted(read(), reverse=True))

    def manifest(self, model: str, number: int) -> "AnyManifest":
        """A version's manifest. Raises VersionNotFound and ArtifactInvalid."""
        return self._manifests.get((model, number), _FOR_EVER, lambda: self.versions(model).manifest(number))

    def golden_rows(self, model: str, manifest: Manifest) -> list[dict[str, Any]]:
        """A version's golden rows; none of one that has no such file. Private cells in them are invented ones."""
        if GOLDEN not in manifest.files:
            return []

        def read() -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = from_json(self.versions(model).read(manifest, GOLDEN))["rows"]
            return rows

        return self._cache.get(("golden", model, manifest.version), _FOR_EVER, read)

    def summaries(self, model: str, most: int | None = None, first: int = 0) -> list[Summary]:
        """The complete versions of a model, the newest first; of at most so many claimed ones, from that place on."""
        numbers = self.numbers(model)[first:][:most]
        known = {number: self._cache.find(("summary", model, number)) for number in numbers}
        missing = [number for number, summary in known.items() if summary is None]
        known.update(zip(missing, self._pool.map(lambda number: self._summary(model, number), missing), strict=True))
        return [summary for summary in known.values() if summary]

    def measured(self, model: str, summaries: Sequence[Summary]) -> dict[int, Mapping[str, Measured]]:
        """The test metrics of versions with their intervals, by number; of one that can't be read, none."""
        numbers = [each.number for each in summaries if each.standing != "unreadable"]
        return dict(zip(numbers, self._pool.map(lambda number: self._measured(model, number), numbers), strict=True))

    def _measured(self, model: str, number: int) -> Mapping[str, Measured]:
        read = self.versions(model).manifest_bytes
        return self._cache.get(("measured", model, number), _FOR_EVER, lambda: _read_measured(from_json(read(number))))

    def kind(self, model: str) -> str | None:
        """The kind of a model, TABLE or RECOMMENDER, as its newest readable version has it; None without one."""
        for first in range(0, len(self.numbers(model)), _FEW):
            for summary in self.summaries(model, _FEW, first):
                if summary.kind:
                    return summary.kind
        return None

    def metric_names(self, model: str) -> list[str]:
        """The metrics that any version has, the one that the newest was chosen by first."""

        def collect() -> list[str]:
            summaries = self.summaries(model)
            names: dict[str, None] = dict.fromkeys(each.metric for each in summaries if each.metric)
            for each in summaries:
                names |= dict.fromkeys(each.metrics)
            return list(names)

        return self._cache.get(("metric names", model, *self.numbers(model)[:1]), _HALF_MINUTE, collect)

    def forget(self, model: str) -> None:
        """Read the model's aliases anew: somebody has moved one."""
        self._cache.forget(("alias", model))

    def _summary(self, model: str, number: int) -> Summary | None:
        versions = self.versions(model)
        try:
            return self._cache.get(("summary", model, number), _FOR_EVER, lambda: _summarize(versions, number))
        except VersionNotFound:
            return None
        except ArtifactInvalid as error:
            return Summary(number, "unreadable", reason=error.reason)


class _Gate(TypedDict):
    name: str
    passed: bool
    detail: NotRequired[str | None]
    approvable: NotRequired[bool]


class _Dataset(TypedDict):
    uri: str
    sha256: str
    rows: int
    rejected_rows: NotRequired[int]


class _Search(TypedDict):
    metric: NotRequired[str | None]


class _Value(TypedDict):
    value: float | None


class _Metrics(TypedDict):
    test: NotRequired[dict[str, float | None]]


class _Document(TypedDict):
    """What a summary needs of a manifest: the rest, most of it, is read over without an object being made of it."""

    version: int
    kind: NotRequired[str]
    created_at: datetime
    candidate: str
    dataset: _Dataset
    gates: list[_Gate]
    metrics: _Metrics
    estimates: NotRequired[dict[str, _Value]]
    search: NotRequired[_Search | None]


_DOCUMENT = TypeAdapter(_Document)


def _summarize(versions: Versions, number: int) -> Summary:
    """A version in a table, without looking at all of its manifest: a thousand of them take a second.

    Raises VersionNotFound, and ArtifactInvalid where the whole manifest can't be read either.
    """
    content = versions.manifest_bytes(number)
    try:
        return _read_summary(_DOCUMENT.validate_json(content))
    except ValueError:
        versions.manifest(number)  # it raises what's wrong
        raise


def _read_summary(document: _Document) -> Summary:
    gates, dataset = document["gates"], document["dataset"]
    failed = [gate for gate in gates if not gate["passed"]]
    values = document["metrics"].get("test", {})
    search = document.get("search") or {}
    is_held = bool(failed) and all(gate.get("approvable") for gate in failed)
    return Summary(
        number=document["version"],
        kind=document.get("kind", TABLE),
        standing="held" if is_held else "refused" if failed else "passed",
        reason="; ".join(gate.get("detail") or gate["name"] for gate in failed) or None,
        created_at=document["created_at"],
        candidate=document["candidate"],
        dataset=dataset["uri"],
        dataset_sha256=dataset["sha256"],
        rows=dataset["rows"],
        rejected_rows=dataset.get("rejected_rows", 0),
        metrics=values | {name: each["value"] for name, each in document.get("estimates", {}).items()},
        metric=next((name for name in (search.get("metric"), *_FIRST_METRICS, *values) if name in values), None),
    )


def _read_measured(document: Mapping[str, Any]) -> Mapping[str, Measured]:
    found = {name: Measured(value) for name, value in document["metrics"].get("test", {}).items()}
    for name, estimate in document.get("estimates", {}).items():
        interval = estimate.get("interval") or {}
        found[name] = Measured(estimate["value"], interval.get("low"), interval.get("high"))
    return found
