"""The page of the benchmarks tells what was found, and hides no goal that was missed."""

from pathlib import Path
from typing import Any

import pytest

from tests.bench import page
from tests.bench.handlers import EMPTY, USUAL
from tests.bench.summary import judge, summarize_servers


def server(key: str, rate: float, number: int = 1) -> dict[str, Any]:
    load = {"rate": rate, "p50": 1000 / rate, "p99": 2000 / rate}
    return {
        "round": number,
        "server": key,
        "name": key,
        "start_s": 100 / rate,
        "memory_mb": 50_000 / rate,
        "load": {"named rows": {"1": load, "8": load}},
        "rows": {"named rows": {"100": rate * 10, "10000": rate * 20}},
    }


def results(ours: float = 1_000, cold: float = 300) -> dict[str, Any]:
    peers = ("fastapi", "mlserver", "bentoml", "mlflow")
    starts = {"floor": 120.0, "ours": cold, "sklearn, compiled": 2_000.0, "sklearn, not compiled": 5_000.0}
    facts = {
        "date": "24 November 2026",
        "processor": "x",
        "cores": "2",
        "memory": "24 GiB",
        "system": "Linux 6",
        "load": "1.0",
    }
    return {
        "web": [server("ours", ours), server("silent", ours), *(server(key, 50) for key in peers)],
        "cold": [{"round": 1, "function": key, "cold_ms": spent} for key, spent in starts.items()],
        "handlers": [{EMPTY: 100.0, "ours, POST /predict": 200.0, USUAL: 5_000.0}],
        "memory": [{"requests": 50_000, "memory_mb": 60.0}, {"requests": 100_000, "memory_mb": 60.5}],
        "facts": {"web": {**facts, "python": "3.13.0"}},
    }


def missed(found: dict[str, Any]) -> list[str]:
    return [goal.what for goal in judge(found) if not goal.met]


def test_every_goal_is_met_where_ours_is_far_ahead() -> None:
    assert len(judge(results())) == 14
    assert missed(results()) == []


def test_a_goal_that_one_peer_spoils_is_missed() -> None:
    found = results()
    found["web"][-1] = server("mlflow", 150)
    assert missed(found) == [
        "requests a second with 1 client, of every peer's",
        "requests a second with 8 clients, of every peer's",
    ]


def test_slow_starts_and_growing_memory_are_missed() -> None:
    found = results(cold=400)
    found["memory"][-1]["memory_mb"] = 70.0
    assert missed(found) == ["cold start, of the floor", "memory after 100,000 requests"]


def test_medians_are_taken_number_by_number() -> None:
    (summary,) = summarize_servers([server("ours", rate, number) for number, rate in enumerate((10, 500, 20))])
    assert summary.usual["1"]["rate"] == 20
    assert summary.rows["named rows"]["100"] == 200


def test_the_page_says_what_was_missed_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "ROOT", tmp_path)
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(page, "PICTURE", tmp_path / "benchmarks.svg")
    found = results()
    found["web"][2]["rows"]["named rows"]["10000"] = 1e6
    page.write_page(found)
    text = (tmp_path / "benchmarks.md").read_text()
    assert text.count("**no**") == 1
    assert "Each row has a prediction record" in text
    assert "Twice the floor isn't reached" in text
    assert (tmp_path / "benchmarks.svg").read_text().count("<svg") == 1
