"""Local AWS, MiniStack and moto in one run: probes from AWS's documentation, and what each costs.

`python -m tests.bench.rivals`, with scripts/localaws/tests and the root on PYTHONPATH, writes
scripts/localaws/docs/rivals.json and rivals.md. The rivals are installed under .localaws/bench. Costs are measured one
after the other; the probes, which mostly wait, are asked of all side by side. `--only localaws` and
`--probes WORD` run a part and write nothing; `--keep-costs` takes the costs of the last results, `--keep-probes` their
outcomes.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from tests.bench.rivals import probes
from tests.bench.rivals.costs import measure
from tests.bench.rivals.page import DATA, PAGE, render
from tests.bench.rivals.probe import PROBES, Outcome, Probe, judge
from tests.bench.rivals.servers import Rival, rivals

_ROUNDS = 3


def load() -> list[Probe]:
    """All probes."""
    for module in pkgutil.iter_modules(probes.__path__):
        importlib.import_module(f"{probes.__name__}.{module.name}")
    return PROBES


def ask(rival: Rival, chosen: list[Probe]) -> dict[str, tuple[Outcome, str]]:
    """The outcomes of a fresh start, by area and name."""
    found = {}
    with rival.started() as (cloud, _, _):
        for each in chosen:
            began = time.perf_counter()
            outcome, note = judge(each, cloud)
            found[f"{each.area}.{each.name}"] = outcome, note
            spent = time.perf_counter() - began
            print(f"{rival.key:10} {each.area}.{each.name:28} {outcome:16} {spent:6.1f} s  {note[:160]}", flush=True)
    return found


def cost(contenders: list[Rival]) -> dict[str, dict[str, float]]:
    """The medians of the rounds, in which they take turns."""
    rounds: dict[str, list[dict[str, float]]] = {rival.key: [] for rival in contenders}
    for _ in range(_ROUNDS):
        for rival in contenders:
            rounds[rival.key].append(measure(rival))
            print(rival.key, rounds[rival.key][-1], flush=True)
    return {
        key: {name: round(statistics.median(each[name] for each in found), 2) for name in found[0]}
        for key, found in rounds.items()
    }


def main() -> None:
    """Run everything, or the chosen part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a rival: localaws, ministack or moto")
    parser.add_argument("--probes", default="", help="a part of the probes' names")
    parser.add_argument("--keep-costs", action="store_true", help="take the costs of the last results")
    parser.add_argument("--keep-probes", action="store_true", help="take the probes' outcomes of the last results")
    options = parser.parse_args()
    contenders = [rival for rival in rivals() if not options.only or rival.key in options.only]
    chosen = [each for each in load() if options.probes in f"{each.area}.{each.name}"]
    if options.only or options.probes:
        _ask_all(contenders, chosen)
        return
    data = json.loads(DATA.read_text())
    if not options.keep_costs:
        data |= {"costs": cost(contenders), "measured": {"date": _today(), "load": round(os.getloadavg()[1], 1)}}
    if not options.keep_probes:
        outcomes = _ask_all(contenders, chosen)
        data |= {
            "date": _today(),
            "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
            "names": {rival.key: rival.name for rival in contenders},
            "probes": [
                {
                    "area": each.area,
                    "name": each.name,
                    "title": each.title,
                    "page": each.page,
                    "outcomes": {key: outcomes[key][f"{each.area}.{each.name}"][0] for key in outcomes},
                    "notes": {key: outcomes[key][f"{each.area}.{each.name}"][1] for key in outcomes},
                }
                for each in chosen
            ],
        }
    DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(render(data))


def _ask_all(contenders: list[Rival], chosen: list[Probe]) -> dict[str, dict[str, tuple[Outcome, str]]]:
    with ThreadPoolExecutor(len(contenders)) as pool:
        asked = {rival.key: pool.submit(ask, rival, chosen) for rival in contenders}
        return {key: found.result() for key, found in asked.items()}


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


if __name__ == "__main__":
    main()
