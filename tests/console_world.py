"""A console to look at: models with versions, incidents and traffic in memory, and tables that are dictionaries."""

import asyncio
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import obstore
from botocore.exceptions import ClientError
from fastapi import FastAPI
from obstore.store import MemoryStore

from mlops.artifact.names import CARD, REFERENCES, TRAINING_REPORT
from mlops.authorization.grants import Grant
from mlops.authorization.jwks import IssuerKeys
from mlops.authorization.keys import digest, new_key
from mlops.authorization.tokens import TokenVerifier, Trust
from mlops.console.app import create_app
from mlops.console.readers.answers import AnswerReader
from mlops.console.readers.cache import Cache
from mlops.console.readers.changes import ChangesReader
from mlops.console.readers.deliveries import Deliveries
from mlops.console.readers.logs import LogReader
from mlops.console.readers.monitoring import Monitoring
from mlops.console.readers.predictions import Predictions
from mlops.console.readers.readers import Readers
from mlops.console.readers.recommendations import RecommendationReader
from mlops.console.readers.registry import Registry
from mlops.console.readers.reports import Reports
from mlops.console.readers.schedules import ScheduleReader
from mlops.console.readers.traffic import TrafficReader
from mlops.console.session.gate import Gate
from mlops.console.session.links import new_link
from mlops.console.session.tables import Keys, Sessions
from mlops.contract import Column, Contract, Target
from mlops.errors.violations import Violation
from mlops.intake.report import rejected_key, to_json, to_lines
from mlops.monitoring.archive import Archive
from mlops.monitoring.drift.files import dump_references
from mlops.monitoring.report import Report, render_report
from mlops.monitoring.state import MonitoringState, States
from mlops.operations.schedules import DEFAULT_GROUP, Schedules
from mlops.records.lookup import ApiLog
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.evidence import Comparison, Difference, Estimate, Interval, Slice
from mlops.registry.manifest.manifest import Code, Dataset, Manifest
from mlops.registry.manifest.manifest import Gate as GateResult
from mlops.registry.versions import Versions, describe
from tests.console_operations import OperationsWorld
from tests.console_schedules import BATCHES, MONITOR, FakeScheduler
from tests.console_services import API_LOGS, COMPARE_FUNCTION, TRY_FUNCTION, FakeLogs, ServingFunction
from tests.unit.mlops.authorization.forgeries import AUDIENCE, ISSUER, Issuer
from tests.unit.mlops.registry import samples

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CONTRACT = Contract(
    columns=(Column(name="radius", unit="mm", minimum=0), Column(name="site", kind="category")),
    target=Target(name="diagnosis", task="binary", labels=("benign", "malignant"), positive="malignant"),
)
HOSTILE = (
    "<script>document.title='broken in'</script>",
    '"><img src=x onerror="document.title=\'broken in\'">',
    "</style></textarea><svg onload=\"document.title='broken in'\">",
    "javascript:document.title='broken in'",
    "{{ 7 * 7 }}{% raw %}",
    "x" * 10_000,
)
"""Texts that do something where they aren't escaped, or that are very long."""


@dataclass
class World:
    """The stores and tables of a console, and its clock, which tests move."""

    models: MemoryStore = field(default_factory=MemoryStore)
    records: MemoryStore = field(default_factory=MemoryStore)
    tables: "FakeDynamoDb" = field(default_factory=lambda: FakeDynamoDb())
    metrics: "FakeCloudWatch" = field(default_factory=lambda: FakeCloudWatch())
    issuer: Issuer | None = None
    operations: OperationsWorld = field(default_factory=OperationsWorld)
    logs: FakeLogs = field(default_factory=FakeLogs)
    scheduler: FakeScheduler = field(default_factory=FakeScheduler)
    functions: ServingFunction = field(init=False)
    now: datetime = NOW
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.functions = ServingFunction(self.models)

    @property
    def data(self) -> MemoryStore:
        """The data bucket."""
        return self.operations.data

    def open_app(self) -> FastAPI:
        """Another instance of the console."""
        cache, pool = Cache(20_000, self.time), ThreadPoolExecutor(4)
        registry, monitoring = Registry(self.models, cache, pool), Monitoring(self.records, cache, pool)
        answers = AnswerReader(self.functions, TRY_FUNCTION, self.warnings.append)
        readers = Readers(
            registry=registry,
            monitoring=monitoring,
            reports=Reports(registry, monitoring, cache),
            changes=ChangesReader(
                self.records, self.functions, COMPARE_FUNCTION, cache, lambda: self.now, self.warnings.append
            ),
            traffic=TrafficReader(self.metrics, "mlops", cache, self.warnings.append),
            deliveries=Deliveries(self.data, cache, pool),
            operations=self.operations.open(cache, self.records, lambda: self.now),
            predictions=Predictions(self.records, ApiLog(self.logs, API_LOGS), cache, self.warnings.append),
            answers=answers,
            recommendations=RecommendationReader(answers, cache),
            schedules=ScheduleReader(
                batches=Schedules(self.scheduler, BATCHES),
                others=Schedules(self.scheduler, DEFAULT_GROUP),
                monitor=MONITOR,
                cache=cache,
                pool=pool,
                now=lambda: self.now,
                warn=self.warnings.append,
            ),
            logs=LogReader(self.logs, "mlops", cache, self.warnings.append),
            now=lambda: self.now,
        )
        sessions, keys = Sessions(self.tables, "sessions"), Keys(self.tables, "keys", self.time)
        verify = self._verifier(self.issuer) if self.issuer else None
        return create_app(readers, Gate(sessions, keys, self.time, verify))

    def _verifier(self, issuer: Issuer) -> Callable[[str], Grant]:
        """What verifies tokens of an issuer, whose keys can't be fetched while the world has none."""

        def fetch(_: str) -> bytes:
            if self.issuer is None:
                raise OSError("the issuer is away")
            return issuer.document

        trust = Trust(ISSUER, frozenset((AUDIENCE,)), "https://issuer.example/jwks")
        keys = IssuerKeys(trust.keys_url, self.warnings.append, fetch=fetch, now=self.time)
        return TokenVerifier(trust, keys, self.time).grant

    def time(self) -> float:
        """The clock, in epoch seconds."""
        return self.now.timestamp()

    def make_link(self, name: str = "ann", scopes: Collection[str] = ("read", "operate")) -> str:
        """The path of a one-time link."""
        token, item = new_link(name, scopes, int(self.time()))
        self.tables.put_item(TableName="sessions", Item=item)
        return f"/console/sign-in?link={token}"

    def make_key(self, name: str = "bob", scopes: Collection[str] = ("read",), models: Collection[str] = ()) -> str:
        """A key of the API."""
        key = new_key()
        grant = Grant(digest(key), name, frozenset(scopes), int(self.time()), frozenset(models))
        self.tables.put_item(TableName="keys", Item=grant.item())
        return key

    def add_versions(self, model: str, *manifests: Manifest, files: Mapping[str, bytes] | None = None) -> None:
        """Versions, in the order of their numbers."""
        versions = Versions(self.models, model)
        content = {CARD: b"<!DOCTYPE html><title>card</title><h1>A card</h1>", **(files or {})}
        for manifest in manifests:
            assert versions.claim(manifest.training_key) == manifest.version
            named = {name: describe(each) for name, each in content.items()}
            versions.write(manifest.model_copy(update={"files": named}), content)

    def add_upload(
        self, model: str, file: str, outcome: str, why: str, rows: Sequence[Violation] = (), **more: Any
    ) -> None:
        """The report on a dataset, and its rejected rows, as training writes them."""
        upload = f"datasets/{model}/{file}"
        report = {"outcome": outcome, "reason": why, "checked_at": self.now.isoformat(), "model": model, **more}
        if rows:
            obstore.put(self.data, rejected_key(upload), to_lines(rows))
            report["rejected"] = f"s3://data/{rejected_key(upload)}"
        obstore.put(self.data, f"{upload}{TRAINING_REPORT}", to_json(report))

    def move(
        self,
        model: str,
        version: int,
        why: str = "passed every gate",
        *,
        alias: str = CHAMPION,
        days: float = 0,
        share: float = 0,
        by: str = "training",
    ) -> None:
        """Move an alias, so many days ago."""
        aliases = Aliases(self.models, model, lambda: self.now - timedelta(days=days))
        aliases.move(alias, version, by=by, why=why, seen=aliases.find(alias), share=share)

    def watch(self, model: str, report: Report) -> None:
        """What monitoring would have written about a model whose versions are there."""
        archive = Archive(self.records)
        for window in (*report.history, report.facts):
            archive.write_facts(window.model_copy(update={"model": model}))
        for incident in report.incidents:
            archive.write_incident(incident.model_copy(update={"model": model}))
        archive.write_report(model, report.facts.window, render_report(report))
        last = report.incidents[-1].model_copy(update={"model": model}) if report.incidents else None
        state = MonitoringState(
            model=model, daily=report.facts.window, hourly=f"{report.facts.window}T11", incident=last
        )
        States(self.records).update(model, lambda _: state)

    def add_watched(self, model: str, report: Report) -> None:
        """A model of seven versions, the last of which serves and was watched; the second was refused."""
        number = report.subject.version if report.subject else 7
        background = report.versions.get(number)
        contract = background.contract if background else CONTRACT
        files = {REFERENCES: dump_references(background.references)} if background else {}
        promoted = {move.version: move.at for move in report.moves}
        for place in range(1, number + 1):
            refused = (REFUSED,) if place == 2 else ()
            made = make_manifest(model, place, gates=(PASSED, *refused), contract=contract)
            if place in promoted:
                made = made.model_copy(update={"created_at": promoted[place] - timedelta(hours=1)})
            self.add_versions(model, made, files=files)
        for move in report.moves:
            if move.version <= number:
                aliases = Aliases(self.models, model, lambda move=move: move.at)  # type: ignore[misc]
                aliases.move(
                    CHAMPION, move.version, by=move.by, why=move.why, seen=aliases.find(CHAMPION), action=move.action
                )
        self.watch(model, report)


class Visitor:
    """Somebody's browser without scripts: it keeps cookies, follows redirects, and sends forms with their token."""

    def __init__(self, app: FastAPI, address: str = "http://console.test") -> None:
        self._app, self._address = app, address
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, *, follow: bool = True, **options: Any) -> httpx.Response:
        """The answer, the last one of redirects."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url=self._address, cookies=self.cookies, follow_redirects=follow
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def get(self, path: str = "/console", **options: Any) -> httpx.Response:
        """A page."""
        return self.request("GET", path, **options)

    def post(self, path: str, data: Mapping[str, Any], **options: Any) -> httpx.Response:
        """A form as it is."""
        return self.request("POST", path, data=data, **options)

    def token(self) -> str:
        """The token of the pages' forms."""
        found = re.search(r'name="form_token" value="(\w+)"', self.get().text)
        assert found
        return found[1]

    def act(self, path: str, **fields: Any) -> httpx.Response:
        """A form of a page, sent."""
        return self.post(path, {"form_token": self.token(), "why": "to see", **fields})

    def follow(self, link: str) -> httpx.Response:
        """Open a one-time link and use it."""
        token = link.partition("link=")[2]
        assert "signs you in once" in self.get(link).text
        return self.post("/console/sign-in", {"link": token})


PASSED = GateResult(name="floor/accuracy", passed=True, observed=0.95, required=0.9)
REFUSED = GateResult(
    name="champion",
    passed=False,
    observed=-0.031,
    required=-0.01,
    detail="roc_auc is worse than version 1's by 0.031 (0.012 to 0.051), and 0.01 is the margin",
)
HELD = GateResult(name="labels", passed=False, approvable=True, detail="31 rows have another label than before")


def make_manifest(
    model: str,
    number: int,
    *,
    gates: Sequence[GateResult] = (PASSED,),
    contract: Contract = CONTRACT,
    dataset: str | None = None,
    candidate: str = "random-forest",
    metrics: int = 0,
    remarks: Sequence[str] = (),
) -> Manifest:
    """The manifest of a version, with `metrics` more metrics than a model has."""
    rng = np.random.default_rng(number)
    names = ("roc_auc", "accuracy", *(f"metric_{place}" for place in range(metrics)))
    estimates = {name: _estimate(float(rng.uniform(0.9, 0.99))) for name in names}
    name = dataset or f"2026-{1 + number % 12:02}.csv"
    return samples.make_manifest(
        number,
        f"{model}-{number}",
        model=model,
        created_at=NOW - timedelta(days=200 - number, hours=number),
        contract=contract,
        dataset=Dataset(
            uri=f"s3://data/datasets/{model}/{name}",
            s3_version="v1",
            sha256=f"{number:064x}",
            rows=569 + number,
            columns=31,
            rejected_rows=3,
        ),
        code=Code(sha256="c" * 64, commit="0123456789abcdef"),
        libraries={"scikit-learn": "1.9.0", "onnxruntime": "1.32.0"},
        candidate=candidate,
        estimator="RandomForestClassifier",
        parameters={"n_estimators": 100 + number, "max_depth": 8},
        metrics={
            "test": {key: value.value for key, value in estimates.items() if value.value},
            "baseline": {"roc_auc": 0.5},
        },
        estimates=estimates,
        slices=(Slice(where="site = north", rows=120, estimates=estimates),),
        comparison=_compare(number) if number > 1 else None,
        gates=tuple(gates),
        remarks=tuple(remarks),
        files={},
    )


def _estimate(value: float) -> Estimate:
    interval = Interval(low=value - 0.02, high=min(1.0, value + 0.015), level=0.95, method="bootstrap")
    return Estimate(value=value, rows=171, interval=interval)


def _compare(number: int) -> Comparison:
    overall = Difference(
        metric="roc_auc",
        where="all rows",
        rows=171,
        candidate=0.97,
        champion=0.961,
        difference=0.009,
        low=0.001,
        high=0.017,
        margin=0.01,
        p_better=0.02,
        p_not_worse=0.001,
        p_worse=0.98,
        alpha=0.05,
        verdict="better",
    )
    return Comparison(version=number - 1, rows=171, fresh_rows=171, overall=overall, slices=(overall,))


class FakeDynamoDb:
    """The operations of boto3's client that the console uses, on dictionaries; `failing` makes every one fail."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.failing = False

    def get_item(self, *, TableName: str, Key: dict[str, Any], ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803
        assert ConsistentRead
        found = self._look(TableName, Key)
        return {} if found is None else {"Item": found}

    def put_item(self, *, TableName: str, Item: dict[str, Any], ConditionExpression: str = "") -> None:  # noqa: N803
        if ConditionExpression and self._look(TableName, Item) is not None:
            raise _refusal("ConditionalCheckFailedException")
        self.items[TableName, _name(Item)] = Item

    def delete_item(self, *, TableName: str, Key: dict[str, Any], ReturnValues: str) -> dict[str, Any]:  # noqa: N803
        assert ReturnValues == "ALL_OLD"
        found = self._look(TableName, Key)
        self.items.pop((TableName, _name(Key)), None)
        return {} if found is None else {"Attributes": found}

    def update_item(self, *, TableName: str, Key: dict[str, Any], **update: Any) -> None:  # noqa: N803
        found = self._look(TableName, Key)
        if found is None:
            raise _refusal("ConditionalCheckFailedException")
        found["last_used"] = update["ExpressionAttributeValues"][":now"]

    def _look(self, table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        if self.failing:
            raise _refusal("InternalServerError")
        return self.items.get((table, _name(key)))


def _name(key: Mapping[str, Any]) -> str:
    name: str = (key.get("id") or key["digest"])["S"]
    return name


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


class FakeCloudWatch:
    """As many predictions an hour as the hour's number times ten; `failing` makes it fail."""

    def __init__(self) -> None:
        self.failing = False

    def get_paginator(self, operation: str) -> "FakeCloudWatch":
        assert operation == "get_metric_data"
        return self

    def paginate(
        self,
        *,
        MetricDataQueries: Sequence[dict[str, Any]],  # noqa: N803
        StartTime: datetime,  # noqa: N803
        EndTime: datetime,  # noqa: N803
    ) -> Iterator[dict[str, Any]]:
        if self.failing:
            raise _refusal("Throttling")
        hours = [
            StartTime + timedelta(hours=place) for place in range(int((EndTime - StartTime).total_seconds() // 3600))
        ]
        values: Mapping[str, Callable[[datetime], float]] = {
            "Predictions": lambda hour: 10.0 * hour.hour,
            "Recommendations": lambda _: 0.0,
            "Latency": lambda hour: 8.0 + hour.hour,
        }
        results = []
        for query in MetricDataQueries:
            measure = values[query["MetricStat"]["Metric"]["MetricName"]]
            results.append({"Id": query["Id"], "Timestamps": hours, "Values": [measure(hour) for hour in hours]})
        yield {"MetricDataResults": results}
