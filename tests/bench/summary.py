"""What the measurements come to: medians over the rounds, and each goal with what was found."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.handlers import EMPTY, USUAL
from tests.bench.servers import OURS, SILENT

type Results = dict[str, Any]

# Below it, memory that grew is what the allocator keeps, not a leak: 100,000 leaks of 10 bytes would be 1 MB.
FLAT_MB = 2.0


@dataclass(frozen=True)
class Goal:
    """A goal of the benchmarks: what is measured, the value that is required, and the result."""

    what: str
    required: str
    found: str
    met: bool


@dataclass(frozen=True)
class Summary:
    """One server's medians."""

    key: str
    name: str
    start_s: float
    memory_mb: float
    load: dict[str, dict[str, dict[str, float]]]
    """Protocol → clients → rate, p50, p99; the usual protocol first."""
    rows: dict[str, dict[str, float]]
    """Protocol → rows a request → rows a second."""

    @property
    def usual(self) -> dict[str, dict[str, float]]:
        """The load through the usual protocol."""
        return next(iter(self.load.values()))


def summarize_servers(entries: Sequence[Any]) -> list[Summary]:
    """The servers in the order in which they were measured."""
    summaries = []
    for key in dict.fromkeys(entry["server"] for entry in entries):
        own = [entry for entry in entries if entry["server"] == key]
        summaries.append(
            Summary(
                key=key,
                name=own[0]["name"],
                start_s=statistics.median(entry["start_s"] for entry in own),
                memory_mb=statistics.median(entry["memory_mb"] for entry in own),
                load=_medians([entry["load"] for entry in own]),
                rows=_medians([entry["rows"] for entry in own]),
            )
        )
    return summaries


def summarize_functions(entries: Sequence[Any]) -> dict[str, dict[str, float]]:
    """Function → medians of what was measured of it."""
    return {
        key: _medians(
            [
                {name: value for name, value in entry.items() if name.endswith(("_ms", "_mb"))}
                for entry in entries
                if entry["function"] == key
            ]
        )
        for key in dict.fromkeys(entry["function"] for entry in entries)
    }


def summarize_handlers(entries: Sequence[dict[str, float]]) -> dict[str, float]:
    """Handler → median of its medians, in microseconds."""
    found: dict[str, float] = _medians(list(entries))
    return found


def memory_growth(entries: Sequence[Any]) -> float:
    """MB between the first tenth of the requests and the last."""
    tenth = max(1, len(entries) // 10)
    first, last = (
        statistics.mean(float(each["memory_mb"]) for each in part) for part in (entries[:tenth], entries[-tenth:])
    )
    return last - first


def judge(results: Results) -> list[Goal]:
    """Every goal of which there are measurements."""
    goals: list[Goal] = []
    if "cold" in results:
        goals += _judge_cold(summarize_functions(results["cold"]))
    if "handlers" in results:
        goals += _judge_handlers(summarize_handlers(results["handlers"]))
    if "web" in results:
        goals += _judge_servers(summarize_servers(results["web"]))
    if "memory" in results:
        grown = memory_growth(results["memory"])
        requests = results["memory"][-1]["requests"]
        goals.append(Goal(f"memory after {requests:,} requests", "flat", f"{grown:+.1f} MB", abs(grown) <= FLAT_MB))
    return goals


def _judge_cold(cold: dict[str, dict[str, float]]) -> list[Goal]:
    ours = cold["ours"]["cold_ms"]
    floor = ours / cold["floor"]["cold_ms"]
    compiled, plain = (cold[f"sklearn, {kind}"]["cold_ms"] / ours for kind in ("compiled", "not compiled"))
    return [
        Goal("cold start, of the floor", "at most 3.0, better 2.0", f"{floor:.2f}", floor <= 3.0),
        Goal("cold start, faster than scikit-learn's, compiled", "at least 4", f"{compiled:.1f}", compiled >= 4),
        Goal("cold start, faster than scikit-learn's, not compiled", "at least 8", f"{plain:.1f}", plain >= 8),
    ]


def _judge_handlers(handlers: dict[str, float]) -> list[Goal]:
    ours = handlers["ours, POST /predict"]
    empty, usual = ours / handlers[EMPTY], handlers[USUAL] / ours
    return [
        Goal("warm handler, of an empty one", "at most 2.5", f"{empty:.2f}", empty <= 2.5),
        Goal("warm handler, faster than scikit-learn's with a DataFrame", "at least 20", f"{usual:.0f}", usual >= 20),
    ]


def _judge_servers(servers: Sequence[Summary]) -> list[Goal]:
    ours, peers = servers[0], [server for server in servers if server.key not in (OURS, SILENT)]
    goals = []
    for clients in ours.usual:
        load = "1 client" if clients == "1" else f"{clients} clients"
        mine = ours.usual[clients]
        ratios = {peer.name: mine["rate"] / peer.usual[clients]["rate"] for peer in peers}
        least = min(ratios, key=lambda name: ratios[name])
        goals.append(
            Goal(
                f"requests a second with {load}, of every peer's",
                "at least 10 times",
                f"{ratios[least]:.1f} ({least}) to {max(ratios.values()):.1f} times",
                ratios[least] >= 10,
            )
        )
        tail = min(peer.usual[clients]["p99"] for peer in peers)
        goals.append(
            Goal(
                f"99th percentile with {load}, below every peer's",
                f"below {tail:.1f} ms",
                f"{mine['p99']:.1f} ms",
                mine["p99"] < tail,
            )
        )
    start, memory = (min(getattr(peer, name) for peer in peers) for name in ("start_s", "memory_mb"))
    goals += [
        Goal(
            "start to first answer, below every peer's",
            f"below {start:.2f} s",
            f"{ours.start_s:.2f} s",
            ours.start_s < start,
        ),
        Goal(
            "memory, below every peer's", f"below {memory:.0f} MB", f"{ours.memory_mb:.0f} MB", ours.memory_mb < memory
        ),
    ]
    for size in next(iter(ours.rows.values())):
        best = max(peers, key=lambda peer: max(rates[size] for rates in peer.rows.values()))
        highest = max(rates[size] for rates in best.rows.values())
        found = max(rates[size] for rates in ours.rows.values())
        goals.append(
            Goal(
                f"rows a second in requests of {int(size):,}, above every peer's",
                f"above {highest:,.0f} ({best.name})",
                f"{found:,.0f}",
                found > highest,
            )
        )
    return goals


def _medians(entries: Sequence[Any]) -> Any:
    """The entries' median, number by number, whatever dictionaries they stand in."""
    if isinstance(entries[0], dict):
        return {name: _medians([entry[name] for entry in entries]) for name in entries[0]}
    return statistics.median(entries)
