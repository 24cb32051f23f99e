"""docs/benchmarks.md and its picture, from what was measured."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.bench.fixture import TREES
from tests.bench.handlers import EMPTY
from tests.bench.places import PEERS, ROOT, read_pins
from tests.bench.plot import draw
from tests.bench.servers import OURS
from tests.bench.summary import (
    Goal,
    Results,
    Summary,
    judge,
    memory_growth,
    summarize_functions,
    summarize_handlers,
    summarize_servers,
)

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = PAGE.with_suffix(".svg")


def write_page(results: Results) -> Path:
    """Write what there is. Sections of parts that weren't measured are left out."""
    sections = [_introduce(results), _write_goals(judge(results))]
    servers = summarize_servers(results["web"]) if "web" in results else []
    cold = summarize_functions(results["cold"]) if "cold" in results else {}
    if servers and cold:
        draw(PICTURE, servers, cold)
        sections.insert(1, f"![Requests a second, cold starts and memory, compared with the peers]({PICTURE.name})")
    if servers:
        sections += [_write_servers(servers), _write_rows(servers)]
    if cold:
        sections.append(_write_cold(cold))
    if "handlers" in results:
        sections.append(_write_handlers(summarize_handlers(results["handlers"])))
    if "memory" in results:
        sections.append(_write_memory(results))
    sections.append(_write_how())
    PAGE.write_text("\n\n".join(sections) + "\n")
    return PAGE.relative_to(ROOT)


def _introduce(results: Results) -> str:
    facts = results["facts"]
    latest = facts.get("web", next(iter(facts.values())))
    measured = [results[part] for part in ("web", "cold") if part in results]
    rounds = min((max(entry["round"] for entry in entries) for entries in measured), default=1)
    return (
        "# Benchmarks\n\n"
        f"One random forest of {TREES} trees on 30 columns, served by this project and by what one would use instead, "
        "side by side on one machine. Written by `scripts/bench`, which measures it again on yours.\n\n"
        f"{latest['date']}, {latest['processor']} with {latest['cores']} cores and {latest['memory']}, "
        f"{latest['system']}, Python {latest['python']}, load average {latest['load']}. "
        f"{f'Medians of at least {rounds} rounds' if rounds > 1 else 'One round'}, in which each server had a turn. "
        "The client runs on the same cores, like everything else on the machine: trust the ratios."
    )


def _write_goals(goals: Sequence[Goal]) -> str:
    rows = ([goal.what, goal.required, goal.found, "yes" if goal.met else "**no**"] for goal in goals)
    text = "## Goals and results\n\n" + _table(["goal", "required", "result", "met"], rows, "lllc")
    missed = [goal for goal in goals if not goal.met]
    reasons = [reason for start, reason in _REASONS.items() if any(goal.what.startswith(start) for goal in missed)]
    return "\n\n".join([text, *reasons])


# Why a goal may be missed; written only if it is.
_REASONS = {
    "rows a second in requests of 10,000": (
        "Of the time for 10,000 rows the model takes half, and reading the numbers from JSON an eighth. Each row has a "
        "prediction record of its own, a line of about a kilobyte, and each cell is checked against the contract; the "
        "peers do neither. The lines *without records* below show what the records take."
    ),
}

_ABOVE_TWICE = (
    "\n\nTwice the floor isn't reached. Of the processor time that comes on top of the floor, reading settings, alias "
    "and manifest with pydantic takes more than a third; Starlette, Mangum and Python's `asyncio` more than a quarter; "
    "Lambda's own runtime client, obstore with the download, and Powertools with our own modules a tenth each."
)


def _write_servers(servers: Sequence[Summary]) -> str:
    rows = []
    for server in servers:
        for number, (protocol, load) in enumerate(server.load.items()):
            first = number == 0
            cells = [server.name if first else "", protocol]
            cells += [f"{server.start_s:.2f}", f"{server.memory_mb:.0f}"] if first else ["", ""]
            for clients in ("1", "8"):
                one = load.get(clients)
                cells += [f"{one['rate']:,.0f}", f"{one['p50']:.2f} / {one['p99']:.2f}"] if one else ["", ""]
            rows.append([f"**{cell}**" if server.key == OURS and first and cell else cell for cell in cells])
    head = ["server", "protocol", "start, s", "memory, MB", "1 client: req/s", "p50 / p99, ms"]
    return (
        "## Over HTTP\n\nOne worker each, one row a request. Start is from starting the process to the first "
        "prediction; memory counts shared pages by their share (PSS), helper processes included.\n\n"
        + _table([*head, "8 clients: req/s", "p50 / p99, ms"], rows, "llrrrrrr")
    )


def _write_rows(servers: Sequence[Summary]) -> str:
    rows = []
    for server in servers:
        for number, (protocol, rates) in enumerate(server.rows.items()):
            one = server.load[protocol]["1"]["rate"]
            cells = [server.name if number == 0 else "", protocol, f"{one:,.0f}"]
            rows.append([*cells, *(f"{rate:,.0f}" for rate in rates.values())])
    return "## Payloads\n\nRows a second with one client.\n\n" + _table(
        ["server", "protocol", "1 row a request", "100 rows", "10,000 rows"], rows, "llrrr"
    )


def _write_cold(cold: dict[str, dict[str, float]]) -> str:
    floor = cold["floor"]["cold_ms"]
    names = {
        "floor": "the floor: bare Python, NumPy and an ONNX Runtime session on the same model, no Lambda runtime",
        "ours": "**this project**",
    }
    rows = [
        [
            names.get(key, f"FastAPI + Mangum + pandas + boto3 + {key}"),
            f"{each['cold_ms']:,.0f}",
            f"{each['cold_ms'] / floor:.2f}",
            f"{each['warm_ms']:.2f}" if "warm_ms" in each else "",
            f"{each['memory_mb']:.0f}" if "memory_mb" in each else "",
        ]
        for key, each in cold.items()
    ]
    head = ["", "to the first 200, ms", "of the floor", "warm call, ms", "peak memory, MB"]
    return (
        "## Cold starts\n\nFrom starting the process to the first answer under AWS's Runtime Interface Emulator, the "
        "model read from S3 on this machine. SnapStart, which `template.yaml` turns on, isn't in these figures.\n\n"
        + _table(head, rows, "lrrrr")
        + (_ABOVE_TWICE if cold["ours"]["cold_ms"] > 2 * floor else "")
    )


def _write_handlers(handlers: dict[str, float]) -> str:
    rows = [[name, f"{spent:,.0f}", f"{spent / handlers[EMPTY]:.2f}"] for name, spent in handlers.items()]
    return (
        "## Warm handlers\n\nIn process, an API Gateway event in and a response out, one row; ours with validation, "
        "prediction record and metrics.\n\n" + _table(["handler", "median, µs", "of the empty one"], rows, "lrr")
    )


def _write_memory(results: Results) -> str:
    seen = results["memory"]
    return (
        f"## Memory\n\nUnder load of 8 clients the server held {seen[0]['memory_mb']:.1f} MB after "
        f"{seen[0]['requests']:,} requests and {seen[-1]['memory_mb']:.1f} MB after {seen[-1]['requests']:,}: "
        f"{memory_growth(seen):+.1f} MB between the first tenth and the last."
    )


def _write_how() -> str:
    pins = {name: read_pins(PEERS / f"{name}.txt") for name in ("fastapi", "bentoml", "mlserver", "mlflow", "lambda")}
    learn = pins["fastapi"]["scikit-learn"]
    lines = [
        f"All peers run scikit-learn {learn} and the same forest, fitted once; every first answer is compared with it.",
        "The client is `wrk`, in C, with keep-alive; bodies are made beforehand. Payloads of many rows are asked for "
        "one request at a time.",
        "This project: `uvicorn serve:app` with uvloop and httptools, from `layers/server/requirements.txt`; every "
        "prediction validated, recorded and counted.",
        f"FastAPI {pins['fastapi']['fastapi']}: Uvicorn with uvloop and httptools, a NumPy array and an asynchronous "
        "route, which is faster here than its thread pool.",
        f"BentoML {pins['bentoml']['bentoml']}: `bentoml serve`, one worker, access log off.",
        f"MLServer {pins['mlserver']['mlserver']}: its scikit-learn runtime without parallel workers, NumPy codec.",
        f"MLflow {pins['mlflow']['mlflow']}: `mlflow models serve --env-manager local --workers 1`.",
        f"The Lambda peer: FastAPI {pins['lambda']['fastapi']}, Mangum {pins['lambda']['mangum']}, boto3 "
        f"{pins['lambda']['boto3']}, pandas {pins['lambda']['pandas']}; with and without the `.pyc` files that "
        "wheels don't ship.",
        "What each runs is in `tests/bench/peers/`, pinned with all that it needs.",
    ]
    return "## How it was measured\n\n" + "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> str:
    marks = {"l": "---", "r": "---:", "c": ":---:"}
    lines = [head, [marks[each] for each in align], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
