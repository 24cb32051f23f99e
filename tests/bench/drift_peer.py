"""Evidently itself, in an environment of its own: does it answer as the rule by which it's compared?"""

import json
import os
import subprocess
from typing import Any

import numpy as np

from tests.bench import drift_rivals as rivals
from tests.bench.drift_streams import KINDS, REFERENCE_ROWS, ROWS
from tests.bench.places import HOME, PEERS, make_environment

SHIFTED = 0.5
"""Every second window of numbers is shifted by so many standard deviations."""


def measure_agreement(windows: int, seed: int) -> None:
    """Print in how many windows of each kind and reference size Evidently agrees, and which methods it used."""
    asked = [*_draw(windows, seed)]
    found = _ask([window for window, _ in asked])
    agree = [answer["drifted"] == expected for answer, (_, expected) in zip(found, asked, strict=True)]
    methods = sorted({answer["method"] for answer in found})
    print(f"\nEvidently 0.7.23 agrees with its rule as computed here on {sum(agree)} of {len(agree)} windows; ", end="")
    print(f"{sum(answer['drifted'] for answer in found)} drifted. Its methods: {', '.join(methods)}.")


def _draw(windows: int, seed: int) -> Any:
    """Windows of every kind and size as JSON, with what the rule says."""
    rng = np.random.default_rng([seed, 5])
    for kind in KINDS.values():
        for rows in REFERENCE_ROWS:
            reference = kind.draw(rows, rng)
            for number in range(windows):
                current = kind.draw(ROWS, rng)
                if number % 2 and current.dtype != object:
                    current = current + SHIFTED * np.nanstd(reference)
                is_text = current.dtype == object
                window = {"reference": _write(reference), "current": _write(current), "text": is_text}
                yield window, rivals.evidently_alarms(reference, current)


def _write(values: Any) -> list[Any]:
    return [None if isinstance(value, float) and np.isnan(value) else value for value in values.tolist()]


def _ask(windows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    folder = make_environment("evidently", PEERS / "evidently.in")
    given, out = HOME / "evidently-windows.json", HOME / "evidently-answers.json"
    given.write_text(json.dumps(windows))
    command = [str(folder / "bin" / "python"), str(PEERS / "drift_evidently.py"), str(given), str(out)]
    subprocess.run(command, check=True, env={**os.environ, "DO_NOT_TRACK": "1", "PYTHONPATH": ""})
    found: list[dict[str, Any]] = json.loads(out.read_text())
    return found
