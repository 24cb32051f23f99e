"""Estimates of every window of the data that NannyML ships, ours beside NannyML's own."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlops.evaluation.answered_rows import sample_held_out
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.assessment import AssessedEstimate
from mlops.monitoring.estimate.instability import Difference
from mlops.monitoring.estimate.window import backtest, correct, prepare
from tests.bench.estimate_data import Stream, read_streams
from tests.bench.places import HOME, PEERS, run_uv

VERSION = "3.11"
THEIR_NAMES = {"pr_auc": "average_precision"}
DELAYS = (None, 1, 2)


@dataclass(frozen=True)
class Compared:
    """One metric of one data set, truth coming so many windows late (None: never), over all its windows.

    `covered`, `error` and `width` are ours; NannyML's are None where it doesn't estimate the metric.
    """

    stream: str
    metric: str
    delay: int | None
    windows: int
    covered: int
    error: float
    width: float
    their_covered: int | None
    their_error: float | None
    their_width: float | None


def make_nannyml() -> Path:
    """NannyML's environment, made once."""
    folder = HOME / "environments" / "nannyml"
    if not (folder / "made").is_file():
        run_uv("venv", "--clear", "--python", VERSION, str(folder))
        python = str(folder / "bin" / "python")
        run_uv("pip", "install", "--python", python, "--requirement", str(PEERS / "nannyml.in"))
        (folder / "made").touch()
    return folder


def ask_nannyml(folder: Path, size: int) -> dict[str, Any]:
    """NannyML's estimates in windows of `size` rows."""
    out = HOME / f"nannyml-{size}.json"
    if not out.is_file():
        command = [str(folder / "bin" / "python"), str(PEERS / "estimate_nannyml.py"), str(size), str(out)]
        quiet = {**os.environ, "NML_DISABLE_USAGE_LOGGING": "1", "PYTHONPATH": ""}
        subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def compare(size: int, seed: int, only: set[str]) -> Iterator[Compared]:
    """Every metric of every data set (or of `only` some), truth coming never, one or two windows late."""
    folder = make_nannyml()
    data = folder / "lib" / f"python{VERSION}" / "site-packages" / "nannyml" / "datasets" / "data"
    theirs = ask_nannyml(folder, size)
    for stream in read_streams(data):
        if not only or stream.name in only:
            yield from _compare(stream, theirs[stream.name], seed)


def _compare(stream: Stream, theirs: dict[str, Any], seed: int) -> Iterator[Compared]:
    rng = np.random.default_rng(seed)
    reference = sample_held_out(stream.reference, rng)
    estimator = prepare(reference, rng)
    before = backtest(reference, rng)
    windows = [stream.production.take(np.arange(start, end)) for start, end in theirs["windows"]]
    realised = [measure(window.answers) for window in windows]
    outcomes = [
        estimator.outcomes(window, np.random.default_rng([seed, place])) for place, window in enumerate(windows)
    ]
    for delay in DELAYS:
        history = {metric: list(past) for metric, past in before.items()}
        assessed: dict[str, list[AssessedEstimate]] = {}
        for place, window in enumerate(windows):
            if delay is not None and place >= delay:
                _learn(history, [each[place - delay] for each in assessed.values()])
            for metric, outcome in outcomes[place].items():
                rng = np.random.default_rng([seed, place, *metric.encode()])
                each = correct(metric, outcome, len(window), place, history.get(metric, ()), rng)
                assessed.setdefault(metric, []).append(AssessedEstimate(metric, place, each, realised[place][metric]))
        for metric, mine in assessed.items():
            yield _summary(stream.name, delay, metric, mine, theirs["metrics"].get(THEIR_NAMES.get(metric, metric)))


def _learn(history: dict[str, list[Difference]], known: list[AssessedEstimate]) -> None:
    for each in known:
        history.setdefault(each.metric, []).append(each.difference)


def _summary(
    stream: str, delay: int | None, metric: str, mine: list[AssessedEstimate], theirs: dict[str, Any] | None
) -> Compared:
    truth = np.array([each.realised for each in mine])
    error = np.mean([abs(each.realised - each.estimated.value) for each in mine])
    width = np.mean([each.estimated.high - each.estimated.low for each in mine])
    ours = (stream, metric, delay, len(mine), sum(each.covered for each in mine), float(error), float(width))
    if theirs is None:
        return Compared(*ours, None, None, None)
    value, low, high = (
        np.array(theirs[name]) for name in ("value", "lower_confidence_boundary", "upper_confidence_boundary")
    )
    covered = int(((low <= truth) & (truth <= high)).sum())
    return Compared(*ours, covered, float(np.abs(value - truth).mean()), float((high - low).mean()))
