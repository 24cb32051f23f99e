"""Two versions side by side: metrics with their intervals, and what else is different."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from mlops.console.charts.intervals import draw_intervals
from mlops.console.page import HOME, render
from mlops.console.pages.changes import view_changes
from mlops.console.pages.request import Model, readers_of
from mlops.monitoring.report.texts import metric_title, shorten
from mlops.pages.numbers import NOTHING
from mlops.registry.manifest.evidence import Comparison, Difference, Estimate
from mlops.registry.manifest.manifest import Manifest, VersionManifest

router = APIRouter()
MOST_METRICS = 60
_LONGEST = 120


@dataclass(frozen=True)
class MetricRow:
    """A metric of both; `difference` where the two were compared on the same rows when the later one was made."""

    name: str
    title: str
    first: Estimate | None
    second: Estimate | None
    picture: Markup
    difference: Difference | None


@dataclass(frozen=True)
class Change:
    """Something that is different: its name, and what each version has."""

    name: str
    first: str
    second: str


@router.get(f"{HOME}/models/{{model}}/compare")
def show_comparison(
    request: Request, model: Model, v: Annotated[list[int] | None, Query(max_length=50)] = None
) -> Response:
    """The page; without two versions, the champion and the newest."""
    readers = readers_of(request)
    registry = readers.registry
    champion = registry.champion(model)
    numbers = [each.number for each in registry.summaries(model)]
    offered = [*dict.fromkeys([*(v or ()), *([champion.version] if champion else ()), *numbers])]
    chosen = sorted(offered[:2])
    if len(chosen) < 2:
        return render(request, "compare.html.jinja", model=model, first=None, second=None, numbers=numbers)
    first, second = (registry.manifest(model, number) for number in chosen)
    return render(
        request,
        "compare.html.jinja",
        model=model,
        first=first,
        second=second,
        numbers=numbers,
        too_many=len(v or ()) > 2,
        comparison=_comparison(first, second),
        rows=list(_metrics(first, second)),
        changes=list(_changes(first, second)),
        row_changes=view_changes(readers, model, first, second),
    )


def _comparison(first: VersionManifest, second: VersionManifest) -> Comparison | None:
    """How the two were compared on the same rows, if that was done when the second was made."""
    found = (second.comparison, second.comparison_with_best)
    return next((each for each in found if each and each.version == first.version), None)


def _metrics(first: VersionManifest, second: VersionManifest) -> Iterator[MetricRow]:
    estimates = [_estimates(each) for each in (first, second)]
    comparison = _comparison(first, second)
    overall = comparison.overall if comparison else None
    for name in list(estimates[0] | estimates[1])[:MOST_METRICS]:
        found = [each.get(name) for each in estimates]
        versions = [f"version {each.version}" for each in (first, second)]
        yield MetricRow(
            name=name,
            title=metric_title(name),
            first=found[0],
            second=found[1],
            picture=draw_intervals(metric_title(name), list(zip(versions, found, strict=True))),
            difference=overall if overall and overall.metric == name else None,
        )


def _estimates(manifest: VersionManifest) -> dict[str, Estimate]:
    """The test metrics, also those without an interval."""
    values, rows = manifest.metrics.get("test", {}), manifest.dataset.rows
    return {name: Estimate(value=value, rows=rows) for name, value in values.items()} | manifest.estimates


def _changes(first: VersionManifest, second: VersionManifest) -> Iterator[Change]:
    facts = [_facts(each) for each in (first, second)]
    for name in facts[0] | facts[1]:
        texts = [shorten(str(each.get(name, NOTHING)), _LONGEST) for each in facts]
        if facts[0].get(name) != facts[1].get(name):
            yield Change(name, *texts)


def _facts(manifest: VersionManifest) -> dict[str, Any]:
    """What may be different, by a name for people."""
    facts: dict[str, Any] = {
        "dataset": manifest.dataset.uri.rpartition("/")[2],
        "dataset's content": manifest.dataset.sha256[:12],
        "rows": f"{manifest.dataset.rows:,}",
        "rejected rows": f"{manifest.dataset.rejected_rows:,}",
        "candidate": manifest.candidate,
        "estimator": manifest.estimator,
        "code": f"commit {manifest.code.commit[:12]}",
        "code's content": manifest.code.sha256[:12],
        "seed": manifest.seed,
    }
    facts |= {f"parameter {shorten(name, 60)}": value for name, value in manifest.parameters.items()}
    facts |= {f"library {name}": version for name, version in manifest.libraries.items()}
    if isinstance(manifest, Manifest):
        facts["threshold"] = manifest.threshold
        facts |= {f"column {shorten(each.name, 60)}": _column(each) for each in manifest.contract.columns}
    return facts


def _column(column: Any) -> str:
    fields = column.model_dump(exclude={"name", "description", "example"}, exclude_defaults=True)
    return ", ".join(f"{name} {value}" for name, value in fields.items()) or column.kind
