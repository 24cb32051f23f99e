"""The page that the results make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.places import ROOT
from tests.bench.rivals.probe import Outcome

DATA = ROOT / "scripts" / "localaws" / "docs" / "rivals.json"
PAGE = DATA.with_suffix(".md")
# What `sam local` has of an area; of the others it has nothing.
_SAM_LOCAL = {
    "functions": "synchronous calls (`start-lambda`)",
    "http_apis": "routes, authorizers (`start-api`)",
    "rest_apis": "proxy routes, authorizers (`start-api`)",
}
_SIGNS = {Outcome.RIGHT: "right", Outcome.REFUSED: "refused", Outcome.WRONG: "**wrong**", Outcome.CRASHED: "crashed"}
_INTRODUCTION = """# Local AWS and its rivals

{count} probes from AWS's documentation, on local AWS, MiniStack and moto's server. Each asks one small thing and
compares the answer with what the linked page says. `python -m tests.bench.rivals` asked them on {date} ({machine})
and wrote this page; `rivals.json` next to it has what each wrong answer was. Each was started as its own
documentation says, with its defaults; there's no Docker on the machine, without which moto runs no functions. The
probes were asked of all side by side.

- *right*: as AWS documents it.
- *refused by name*: an error that names what isn't supported.
- *silently wrong*: another answer than AWS's, or an error for a request that AWS accepts.
- *crashed*: a 5xx without a name, an answer that no SDK can read, a broken connection, or none within a minute.

The probes were written by the authors of local AWS, who mended what the probes found wrong in it; that favours it.
"""
_COSTS = """
## Costs

Medians of three rounds in which they took turns, on {date} with a load of {load}. *Ready* is from the start of the
process until its port answers, *first answer* until a new HTTP API with a new function has answered its first request;
*idle* is the memory of all its processes (PSS) after that start, before any use. Requests come from four clients at
once. [`sam local`](local-aws.md#performance-compared-with-sam-local) was measured with another template.
"""


def totals(probes: list[dict[str, Any]], rival: str) -> dict[str, int]:
    """How many probes had each outcome."""
    return {outcome: sum(each["outcomes"][rival] == outcome for each in probes) for outcome in Outcome}


def render(data: Mapping[str, Any]) -> str:
    """The page in Markdown."""
    words = {key: data[key] for key in ("date", "machine")}
    lines = [_INTRODUCTION.format(count=len(data["probes"]), **words)]
    lines += _totals(data)
    lines += [_COSTS.format(**data["measured"]), *_costs(data)]
    lines += ["", "## Probes", *_probes(data)]
    return "\n".join(lines) + "\n"


def _table(*rows: list[str]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if not number:
            yield "|" + "---|" * len(row)


def _totals(data: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        [name, *(str(count) for count in totals(data["probes"], key).values())] for key, name in data["names"].items()
    ]
    yield from _table(["", *Outcome], *rows)
    yield ""
    yield "Right of all, by area:"
    yield ""
    areas: dict[str, list[dict[str, Any]]] = {}
    for each in data["probes"]:
        areas.setdefault(each["area"], []).append(each)
    rows = [
        [
            _title(area),
            *(f"{totals(found, key)[Outcome.RIGHT]} of {len(found)}" for key in data["names"]),
            _SAM_LOCAL.get(area, "—"),
        ]
        for area, found in areas.items()
    ]
    yield from _table(["", *data["names"].values(), "`sam local` has"], *rows)


def _costs(data: Mapping[str, Any]) -> Iterator[str]:
    names = list(dict.fromkeys(name for found in data["costs"].values() for name in found))
    rows = [[name, *(_number(found.get(name)) for found in data["costs"].values())] for name in names]
    yield from _table(["", *(data["names"][key] for key in data["costs"])], *rows)


def _number(value: float | None) -> str:
    return "needs Docker" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _probes(data: Mapping[str, Any]) -> Iterator[str]:
    area = ""
    for each in data["probes"]:
        if each["area"] != area:
            area = each["area"]
            yield from ("", f"### {_title(area)}", "")
            yield from _table(["probe", *data["names"].values()])
        signs = [_SIGNS[Outcome(each["outcomes"][key])] for key in data["names"]]
        yield f"| [{each['title']}]({each['page']}) | {' | '.join(signs)} |"


def _title(area: str) -> str:
    known = {"s3": "S3", "sqs": "SQS", "sns": "SNS", "iam": "IAM and STS", "dynamodb": "DynamoDB and its streams"}
    known |= {"eventbridge": "EventBridge", "cloudformation": "CloudFormation and SAM", "http_apis": "HTTP APIs"}
    known |= {"rest_apis": "REST APIs", "functions": "Lambda", "function_urls": "Function URLs", "kinesis": "Kinesis"}
    known |= {"logs": "CloudWatch Logs", "cloudwatch": "CloudWatch metrics and alarms"}
    return known.get(area, area.capitalize())
