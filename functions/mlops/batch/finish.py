"""All chunks' reports → the manifest, which is written last: a run without one isn't whole."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import obstore

from mlops.batch.layout import MANIFEST, failure_key, report_key, run_prefix
from mlops.batch.places import Places, read_json
from mlops.batch.plan import Plan
from mlops.batch.score import MAX_EXAMPLES
from mlops.contract import Target
from mlops.errors.batch import BatchIncomplete
from mlops.records.write import put_once, write_moment
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.versions import Versions
from mlops.telemetry import write_json

_THREADS = 32


def finish_run(places: Places, plan: Plan) -> dict[str, Any]:
    """Write the manifest of a run whose chunks are all scored; returns it.

    Raises BatchIncomplete if some aren't, with what is known of the reasons.
    """
    key = plan.output + MANIFEST
    found: dict[str, Any] | None = read_json(places.answers, key)
    if found is not None:
        return found
    with ThreadPoolExecutor(_THREADS, "report") as pool:
        numbers = range(plan.chunks)
        reports = [*pool.map(lambda number: read_json(places.answers, report_key(plan.run, number)), numbers)]
    written = {each["path"]: each["size"] for page in obstore.list(places.answers, plan.output) for each in page}
    missing = [number for number in numbers if not _is_whole(plan, reports[number], written)]
    if missing:
        raise BatchIncomplete(plan.run, missing, plan.chunks, _find_reasons(places, plan, missing))
    champion = Aliases(places.registry, plan.model).find(CHAMPION)
    target = Versions(places.registry, plan.model).table(plan.version).contract.target
    manifest = _summarize(plan, target, reports)
    manifest["finished_at"] = write_moment(places.now())
    manifest["champion_at_end"] = champion.version if champion else None
    put_once(places.answers, key, write_json(manifest))
    return manifest


def _is_whole(plan: Plan, report: Mapping[str, Any] | None, written: Mapping[str, int]) -> bool:
    """Whether a chunk has its report and its answers."""
    if report is None:
        return False
    part = report["part"]
    return part is None or written.get(plan.output + part["name"]) == part["bytes"]


def _find_reasons(places: Places, plan: Plan, missing: Sequence[int]) -> str:
    failures = [read_json(places.answers, failure_key(plan.run, number)) for number in missing[:MAX_EXAMPLES]]
    reasons = dict.fromkeys(each["reason"] for each in failures if each)
    return "; ".join(reasons) or "their functions left no reason: they were killed, or were never started"


def _summarize(plan: Plan, target: Target, reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a run did."""
    reasons: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    for report in reports:
        reasons.update(report["rejected"]["reasons"])
        labels.update(report["labels"])
    rows = sum(report["rows"] for report in reports)
    rejected = sum(report["rejected"]["rows"] for report in reports)
    totals = [sum(column) for column in zip(*(each["totals"] for each in reports if each["totals"]), strict=True)]
    means = [total / (rows - rejected) for total in totals]
    examples = [example for report in reports for example in report["rejected"]["examples"]]
    summary: dict[str, Any] = (
        {
            "labels": {label: labels[label] for label in target.labels},
            "mean_probabilities": dict(zip(target.labels, means, strict=False)),
        }
        if target.labels
        else {"mean_value": means[0] if means else None}
    )
    return {
        "run": plan.run,
        "model": plan.model,
        "version": plan.version,
        "role": plan.role,
        "request": plan.request.model_dump(mode="json"),
        "planned_at": write_moment(plan.planned_at),
        "rows": rows,
        "answered": rows - rejected,
        **summary,
        "rejected": {
            "rows": rejected,
            "reasons": dict(sorted(reasons.items())),
            "examples": examples[:MAX_EXAMPLES],
            "all": f"s3://{plan.bucket}/{plan.output}_rejected/" if rejected else None,
        },
        "output": f"s3://{plan.bucket}/{plan.output}",
        "parts": [report["part"] for report in reports if report["part"]],
        "key": plan.key,
        "inputs": [{"uri": each.uri, "etag": each.etag, "bytes": each.size} for each in plan.files],
        "records": sum(report["records"] for report in reports),
        "chunks": plan.chunks,
        "chunk_rows": plan.chunk_rows,
        "rows_per_second": plan.rows_per_second,
        "function_seconds": round(sum(report["seconds"] for report in reports), 3),
        "state": f"s3://{plan.bucket}/{run_prefix(plan.run)}",
    }
