"""Seeded histories of models, as monitoring would have found them: figures drawn, references and shares computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from mlops.contract import Column, Contract, Target, Task
from mlops.monitoring.drift import Reference, make_reference
from mlops.monitoring.drift.reference import Values
from mlops.monitoring.facts import (
    AssessmentFacts,
    Basis,
    CalibrationBin,
    ColumnFacts,
    FeedbackFacts,
    Figure,
    LossFacts,
    PartFacts,
    RealisedFacts,
    ServiceFacts,
    VersionFacts,
    WindowFacts,
)
from mlops.monitoring.incident import Incident, Loss, Retraining, Status, Step
from mlops.monitoring.report import Background, Report
from mlops.registry.aliases import Move

FIRST = date(2026, 9, 1)
TRAINING_ROWS = 1_000
UNITS = ("px", "mm", "°C", "kg", None)
DELAY = 2
"""Days after which truth arrives."""
NUMBER, CATEGORY, HASHED, WHEN, FLAG = range(5)


@dataclass(frozen=True)
class Plan:
    """A history: how many days and columns, from which day on the first columns drift and performance is lost."""

    days: int = 90
    columns: int = 12
    task: Task = "binary"
    drift_day: int | None = None
    drifted: int = 2
    loss: float = 0.0
    truth: bool = True
    estimates: bool = True
    rows: int = 400
    seed: int = 1
    privacy: str = "keep"


def column_of(place: int, plan: Plan) -> Column:
    """Columns of every kind, most of them numbers."""
    kind = (NUMBER, NUMBER, NUMBER, CATEGORY, NUMBER, FLAG, NUMBER, WHEN)[place % 8]
    if plan.privacy == "hash" and kind in (CATEGORY, NUMBER):
        return Column(name=f"secret_{place}", kind="category", privacy="hash", required=False)
    match kind:
        case 1:
            return Column(name=f"site_{place}", kind="category", required=False)
        case 3:
            return Column(name=f"taken_{place}", kind="date", required=False)
        case 4:
            return Column(name=f"smoker_{place}", kind="boolean", required=False)
    name = ("radius", "texture", "area", "", "smoothness", "", "concavity", "")[place % 8]
    return Column(name=f"mean_{name}_{place}", unit=UNITS[place % 5], required=False)


def draw(column: Column, rows: int, rng: np.random.Generator, shift: float = 0.0) -> Any:
    """Values of a column, its distribution moved by `shift` standard deviations or, of categories, by that share."""
    if column.privacy == "hash":
        return [f"{place:064x}" for place in rng.integers(0, 8, rows)]
    if column.kind == "category":
        chances = np.array([0.5 - 0.3 * min(shift, 1), 0.3, 0.15, 0.05 + 0.3 * min(shift, 1)])
        return rng.choice(["north", "south", "east", "west <b>"], rows, p=chances).tolist()
    if column.kind == "boolean":
        return (rng.random(rows) < 0.2 + 0.2 * shift).tolist()
    if column.kind == "date":
        return 20_000 + rng.integers(0, 90, rows) + 30 * shift
    if "area" in column.name:
        return np.exp(rng.normal(6 + 0.5 * shift, 0.5, rows))
    return rng.normal(13.4 + 1.7 * shift, 1.7, rows)


@cache
def background(plan: Plan) -> Background:
    """The version as it was trained."""
    rng = np.random.default_rng(plan.seed)
    labels = () if plan.task == "regression" else ("benign", "malignant")
    target = Target(
        name="diagnosis", task=plan.task, labels=labels, positive="malignant" if labels else None,
        unit="€" if plan.task == "regression" else None,
    )  # fmt: skip
    columns = tuple(column_of(place, plan) for place in range(plan.columns))
    references = {column.name: make_reference(draw(column, TRAINING_ROWS, rng), column) for column in columns}
    answers = Column(name="diagnosis") if plan.task == "regression" else Column(name="diagnosis", kind="category")
    references["diagnosis"] = make_reference(answers_of(plan, TRAINING_ROWS, rng), answers)
    return Background(Contract(columns=columns, target=target), {k: v for k, v in references.items() if v})


def answers_of(plan: Plan, rows: int, rng: np.random.Generator, shift: float = 0.0) -> Any:
    """A model's answers."""
    if plan.task == "regression":
        return rng.normal(200 + 20 * shift, 30, rows)
    return rng.choice(["benign", "malignant"], rows, p=[0.63 - 0.2 * shift, 0.37 + 0.2 * shift]).tolist()


def shares_of(reference: Reference, values: Values) -> tuple[float, ...]:
    """The shares of the values in the reference's cells, as WindowFacts have them."""
    parsed = reference.parse(values)
    if reference.form == "shares":
        counts = np.bincount(parsed.astype(int), minlength=len(reference.names) + 1).astype(float)
    else:
        counts = reference.cells["values"].expect(parsed[~np.isnan(parsed)])
    return tuple((counts / max(1, counts.sum())).round(6).tolist())


def column_facts(plan: Plan, day: int, rng: np.random.Generator) -> tuple[ColumnFacts, ...]:
    """The columns and the answers of a day."""
    known = background(plan)
    drifting = plan.drift_day is not None and day >= plan.drift_day
    facts = []
    for place, (name, reference) in enumerate(known.references.items()):
        moved = drifting and place < plan.drifted
        column = known.column(name)
        is_answer = name == known.contract.target.name
        values = answers_of(plan, plan.rows, rng) if is_answer else draw(column, plan.rows, rng, 1.1 if moved else 0)
        found = moved and day > (plan.drift_day or 0)
        since = FIRST + timedelta(days=plan.drift_day or 0)
        unit = f" {column.unit}" if column.unit else ""
        facts.append(
            ColumnFacts(
                column=name,
                rows=plan.rows,
                missing=0.0,
                outside=0.02 if moved else 0.001,
                p_value=1e-9 if found else float(rng.uniform(0.05, 1)),
                drifted=found,
                since=since if found else None,
                sentence=f"{name}: the median rose from 13.4 to 15.27{unit} (15.1 to 15.5); since {since:%A, %Y-%m-%d} "
                f"({plan.rows:,} rows)" if found else None,
                shares=shares_of(reference, values),
            )
        )  # fmt: skip
    return tuple(facts)


def figure(rng: np.random.Generator, value: float, rows: int, spread: float, roof: float) -> Figure:
    """A figure that was measured on rows, with its interval."""
    arm = 1.96 * spread / max(rows, 1) ** 0.5
    found = float(value + rng.normal(0, arm / 2.4))
    ends = (min(end, roof) for end in (found, found - arm, found + arm))
    value, low, high = (round(end, 5) for end in ends)
    return Figure(value=value, low=low, high=high, rows=rows)


TRAINED: Mapping[Task, Mapping[str, float]] = {
    "binary": {"accuracy": 0.962, "roc_auc": 0.991, "log_loss": 0.11, "brier": 0.03},
    "multiclass": {"accuracy": 0.9},
    "regression": {"rmse": 21.4, "mae": 15.2, "r2": 0.81},
}
MARGIN: Mapping[Task, float] = {"binary": 0.02, "multiclass": 0.02, "regression": 2.14}
KNOWN: tuple[tuple[Basis, Callable[[Plan], bool]], ...] = (
    ("realised", lambda plan: plan.truth),
    ("estimated", lambda plan: plan.estimates),
)
WORSE = {"log_loss", "brier", "rmse", "mae"}


def part(plan: Plan, where: str, rows: int, lost: float, rng: np.random.Generator) -> PartFacts:
    """The metrics of some rows, worse by a share `lost`."""
    if rows < 20:
        return PartFacts(where=where, rows=rows, reason="fewer than 20 rows with truth")
    metrics, changes = {}, {}
    for name, trained in TRAINED[plan.task].items():
        worse = trained * (1 + 3 * lost) if name in WORSE else trained * (1 - lost)
        spread = 0.15 if name in ("accuracy", "roc_auc") else trained
        metrics[name] = found = figure(rng, worse, rows, spread, 1.0 if plan.task == "binary" else np.inf)
        sign = -1 if name in WORSE else 1
        arm = (found.high or 0) - found.value
        change = sign * (found.value - trained)
        changes[name] = Figure(value=change, low=change - arm, high=change + arm, rows=rows)
    return PartFacts(where=where, rows=rows, metrics=metrics, changes=changes)


def realised_facts(plan: Plan, labelled: int, lost: float, rng: np.random.Generator) -> RealisedFacts:
    """Performance of a day whose truth has arrived."""
    bins = []
    for place in range(10 if plan.task == "binary" else 0):
        predicted = (place + 0.5) / 10
        observed = min(1.0, max(0.0, predicted - lost * 2 + float(rng.normal(0, 0.02))))
        low, high = max(0, observed - 0.07), min(1, observed + 0.07)
        bins.append(CalibrationBin(predicted=predicted, observed=observed, low=low, high=high, rows=labelled // 10))
    sites = (
        ("site = north", 0.5, 1.5),
        ("site = south", 0.3, 0.4),
        ("site = east", 0.17, 1),
        ("site = west <b>", 0.03, 1),
    )
    return RealisedFacts(
        predictions=plan.rows,
        labelled=labelled,
        delay_median=46.5,
        delay_90=71.0,
        overall=part(plan, "all rows", labelled, lost, rng),
        slices=tuple(part(plan, where, int(labelled * share), lost * more, rng) for where, share, more in sites),
        calibration=tuple(bins),
    )


def version_facts(plan: Plan, day: int, number: int = 7) -> VersionFacts:
    """The champion's facts of a day, with the truth that has arrived by the last one."""
    rng = np.random.default_rng([plan.seed, day, number])
    lost = plan.loss if plan.drift_day is not None and day >= plan.drift_day else 0.0
    age = plan.days - 1 - day
    labelled = 0 if not plan.truth or age < DELAY else int(plan.rows * (0.5 if age == DELAY else 0.93))
    metric, trained = next(iter(TRAINED[plan.task].items()))
    estimated = {
        name: found.model_copy(update={"rows": plan.rows})
        for name, found in part(plan, "", plan.rows, lost * 0.8, rng).metrics.items()
    } if plan.estimates else {}  # fmt: skip
    alarm = lost > 0 and day > (plan.drift_day or 0) + 2
    since = (FIRST + timedelta(days=plan.drift_day or 0)).isoformat()
    losses = [
        LossFacts(
            basis=basis, metric=metric, trained=trained, margin=MARGIN[plan.task], evidence=41.7 if alarm else 0.8,
            alarm_at=40.0, alarm=alarm, since=since if alarm else None,
        )
        for basis, known in KNOWN
        if known(plan)
    ]  # fmt: skip
    return VersionFacts(
        version=number,
        role="champion",
        service=ServiceFacts(
            predictions=plan.rows + int(rng.normal(0, 30)),
            latency_p50=float(rng.gamma(30, 0.2)),
            latency_p99=float(rng.gamma(30, 1.2)),
            challenger=8 if plan.loss == 0 and plan.truth else None,
            disagreement=Figure(value=0.021, low=0.01, high=0.04, rows=plan.rows) if plan.loss == 0 else None,
        ),
        columns=column_facts(plan, day, rng),
        realised=realised_facts(plan, labelled, lost, rng) if labelled else None,
        estimated=estimated,
        assessments={
            name: AssessmentFacts(windows=day, covered=int(day * 0.96), mean_error=0.011, trustworthy=True)
            for name in estimated
        } if plan.truth else {},
        losses=tuple(losses),
        remarks=() if plan.estimates else ("no estimates: the version has no held-out answers",),
    )  # fmt: skip


def window_facts(plan: Plan, day: int, number: int = 7) -> WindowFacts:
    """A day's facts."""
    rng = np.random.default_rng([plan.seed, day, 99])
    received = int(plan.rows * 0.95) if plan.truth and day >= DELAY else 0
    return WindowFacts(
        model="diagnosis",
        window=(FIRST + timedelta(days=day)).isoformat(),
        versions=(version_facts(plan, day, number),),
        feedback=FeedbackFacts(
            received=received, standing=int(received * 0.95), duplicates=int(received * 0.03),
            superseded=received // 100, unknown=received // 100, invalid={"label": 3} if received else {},
        ),
        refused={"range": int(rng.poisson(3)), "category": int(rng.poisson(2))},
        errors=0,
    )  # fmt: skip


def moves_of(*steps: tuple[int, int | None, int]) -> tuple[Move, ...]:
    """Promotions: version, the one before, and on which day."""
    return tuple(
        Move(version=version, previous=previous, at=moment(day, 3), by="training", why="passed every gate")
        for version, previous, day in steps
    )


def moment(day: int, hour: int = 0) -> datetime:
    """An hour of a day of the history."""
    return datetime(FIRST.year, FIRST.month, FIRST.day, hour, tzinfo=UTC) + timedelta(days=day)


def report_of(plan: Plan) -> Report:
    """The report of the plan's last day: one version, no incident."""
    *history, facts = (window_facts(plan, day) for day in range(plan.days))
    moves = moves_of((6, None, -60), (7, 6, -20))
    return Report(facts, tuple(history), (), moves, {7: background(plan)})


def incident_of(plan: Plan, *, status: Status = "retraining", opened: int | None = None) -> Incident:
    """The incident that the plan's loss opens, with the columns that explain it."""
    day = opened if opened is not None else (plan.drift_day or 0) + 3
    metric, trained = next(iter(TRAINED[plan.task].items()))
    now = trained * (1 + 3 * plan.loss) if metric in WORSE else trained * (1 - plan.loss)
    known = background(plan)
    since = FIRST + timedelta(days=plan.drift_day or 0)
    sentences = tuple(
        f"{name}: the median rose from 13.4 to 15.27 (15.1 to 15.5); since {since:%A, %Y-%m-%d} ({plan.rows:,} rows)"
        for name in list(known.references)[: plan.drifted]
    )
    key = "datasets/diagnosis/incident-2026-09-15-diagnosis.csv.gz"
    steps = (
        Step(at=moment(day, 2), what="opened: the estimated accuracy fell beyond the margin"),
        Step(at=moment(day, 2), what="one message was sent to people"),
        Step(at=moment(day, 3), what=f"a dataset of 1,905 rows, 905 of them new, was put at {key}"),
    )
    return Incident(
        id=f"{(FIRST + timedelta(days=day)).isoformat()}-diagnosis",
        model="diagnosis",
        version=7,
        cause="estimated loss",
        status=status,
        opened_at=moment(day, 2),
        window=(FIRST + timedelta(days=day - 1)).isoformat(),
        since=since.isoformat(),
        loss=Loss(
            basis="estimated",
            metric=metric,
            trained=Figure(value=trained, low=trained * 0.98, high=trained * 1.015, rows=250),
            now=Figure(value=now, low=now * 0.97, high=now * 1.03, rows=plan.rows),
            since=since.isoformat(),
            margin=MARGIN[plan.task],
        ),
        drifted=sentences,
        dataset="s3://data/datasets/diagnosis/2026-08.csv, sha256 d1d1d1d1d1d1",
        code="commit abc1234, sha256 c0c0c0c0c0c0",
        promoted_before="promoted 2026-08-12 by training in place of version 6: passed every gate",
        retraining=Retraining(key=key, rows=1_905, new_rows=905),
        steps=steps,
    )


@cache
def healthy() -> Report:
    """Ninety calm days."""
    return report_of(Plan())


@cache
def in_incident() -> Report:
    """An instrument reads wrongly since day 70 of 75; the dataset for retraining is being trained on."""
    plan = Plan(days=75, drift_day=70, loss=0.09)
    return replace(report_of(plan), incidents=(incident_of(plan),))


@cache
def dead_end() -> Report:
    """Retraining didn't help."""
    plan = Plan(days=40, drift_day=20, loss=0.07)
    found = incident_of(plan, status="dead end")
    tried = Retraining(
        key=found.retraining.key if found.retraining else None, rows=1_905, new_rows=905, version=8,
        outcome="kept",
    )  # fmt: skip
    ended = Step(
        at=moment(24, 4), what="dead end: the new version isn't better: the world got harder, not the model worse"
    )
    return replace(
        report_of(plan), incidents=(found.model_copy(update={"retraining": tried, "steps": (*found.steps, ended)}),)
    )


@cache
def recovered() -> Report:
    """An instrument read wrongly from day 12 on; version 8 serves since day 18 and is well."""
    before = Plan(days=30, drift_day=12, loss=0.09)
    after = replace(before, seed=2, drift_day=None, loss=0.0)
    windows = [window_facts(before, day) if day < 18 else window_facts(after, day, 8) for day in range(30)]
    closed = incident_of(before, status="recovered").model_copy(
        update={
            "closed_at": moment(20, 2),
            "retraining": Retraining(
                key="datasets/diagnosis/incident-1.csv.gz", rows=1_905, new_rows=905, outcome="promoted", version=8
            ),
        }
    )
    steps = (
        Step(at=moment(18, 3), what="version 8 was promoted"),
        Step(at=moment(20, 2), what="recovered: a whole day of version 8 shows no alarm"),
    )
    closed = closed.model_copy(update={"steps": (*closed.steps, *steps)})
    return Report(
        windows[-1], tuple(windows[:-1]), (closed,), moves_of((7, 6, -20), (8, 7, 18)),
        {7: background(before), 8: background(after)},
    )  # fmt: skip


@cache
def drifted_only() -> Report:
    """Two columns drifted, and performance holds."""
    return report_of(Plan(days=60, drift_day=50))


@cache
def private() -> Report:
    """Columns that are hashed, and answers."""
    return report_of(Plan(days=30, privacy="hash", drift_day=25))


@cache
def regression() -> Report:
    """A regression with a loss and an incident."""
    plan = Plan(days=60, task="regression", drift_day=55, loss=0.15)
    return replace(report_of(plan), incidents=(incident_of(plan),))


@cache
def many_columns() -> Report:
    """Two hundred columns, thirty days."""
    return report_of(Plan(days=30, columns=199, drift_day=20, drifted=12))


@cache
def no_truth() -> Report:
    """Estimates only."""
    return report_of(Plan(days=30, truth=False))


@cache
def nothing_known() -> Report:
    """Neither truth nor estimates."""
    return report_of(Plan(days=14, truth=False, estimates=False))


@cache
def one_window() -> Report:
    """The first day of a model."""
    return report_of(Plan(days=1))


@cache
def one_hour() -> Report:
    """An hour: service only."""
    facts = [
        WindowFacts(
            model="diagnosis",
            window=f"2026-11-29T{hour:02}",
            versions=(
                VersionFacts(
                    version=7, role="champion",
                    service=ServiceFacts(predictions=40 + hour, latency_p50=5.0 + hour / 10, latency_p99=30.0 + hour),
                ),
            ),
            refused={"range": 9} if hour == 14 else {},
            errors=2 if hour == 14 else 0,
        )
        for hour in range(15)
    ]  # fmt: skip
    return Report(facts[-1], tuple(facts[:-1]), (), moves_of((7, 6, -20)))


@cache
def no_traffic() -> Report:
    """Nobody asked in the last window."""
    found = report_of(Plan(days=10))
    return replace(found, facts=WindowFacts(model="diagnosis", window=found.facts.window))


HISTORIES = {
    each.__name__: each
    for each in (
        healthy, in_incident, dead_end, recovered, drifted_only, private, regression, many_columns, no_truth,
        nothing_known, one_window, one_hour, no_traffic,
    )
}  # fmt: skip
