"""How often does the monitoring find drift where there is none, and how soon where there is some?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.drift [PART …]

Parts: `columns` years of columns without drift, with what others would have answered to the same rows on some of them;
`models` years of models of 30 dependent columns without drift; `shifts` days until a shift of a normal column is found,
if it comes at once or after 180 quiet days; `changes` the same for other changes of columns of other kinds; `evidently`
asks Evidently itself, installed in an environment of its own, whether it answers as the others are computed. A day has
200 rows. An alarm is a column that is significant and has an effect beyond the tolerance. The tables are Markdown.
"""

import argparse
import time
from collections.abc import Callable

from tests.bench.drift_delays import measure_changes, measure_shifts
from tests.bench.drift_false_alarms import measure_columns, measure_models
from tests.bench.drift_peer import measure_agreement
from tests.bench.drift_streams import CHANGES


def main() -> None:
    """Measure the parts and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="columns, models, shifts, changes, evidently; all if none is named"
    )
    parser.add_argument("--columns", type=int, default=1_000, help="column-years without drift (1,000)")
    parser.add_argument("--compared", type=int, default=180, help="of them also looked at by others (180)")
    parser.add_argument("--models", type=int, default=50, help="model-years without drift (50)")
    parser.add_argument("--compared-models", type=int, default=6, help="of them also looked at by others (6)")
    parser.add_argument("--streams", type=int, default=400, help="streams for each shift or change (400)")
    parser.add_argument("--windows", type=int, default=4, help="of each kind and reference size for Evidently (4)")
    parser.add_argument("--days", type=int, default=365, help="days of a year (365)")
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    measures: dict[str, Callable[[], None]] = {
        "columns": lambda: measure_columns(given.columns, given.compared, given.days, given.seed),
        "models": lambda: measure_models(given.models, given.compared_models, given.days, given.seed),
        "shifts": lambda: measure_shifts(given.streams, given.seed),
        "changes": lambda: measure_changes(CHANGES, given.streams, given.seed),
        "evidently": lambda: measure_agreement(given.windows, given.seed),
    }
    if unknown := set(given.parts) - measures.keys():
        parser.error(f"no part {min(unknown)!r}; there is: {', '.join(measures)}")
    for part in given.parts or measures:
        begun = time.perf_counter()
        measures[part]()
        print(f"\n{part}: {time.perf_counter() - begun:.0f} s, seed {given.seed}", flush=True)


if __name__ == "__main__":
    main()
