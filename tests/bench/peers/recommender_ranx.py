"""ranx's metrics of ranked lists, user by user. Runs in an environment of its own.

Arguments: a JSON file of {"k": k, "lists": [[item]], "relevant": [[item]]}, and the file for {metric: [value]}.
"""

import json
import sys
from pathlib import Path

from ranx import Qrels, Run, evaluate

NAMES = ("ndcg", "recall", "map")


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    k = given["k"]
    names = [f"u{place:05d}" for place in range(len(given["lists"]))]
    qrels = {name: {f"i{item}": 1 for item in items} for name, items in zip(names, given["relevant"], strict=True)}
    run = {
        name: {f"i{item}": float(len(items) - place) for place, item in enumerate(items)}
        for name, items in zip(names, given["lists"], strict=True)
    }
    scores = evaluate(Qrels(qrels), Run(run), [f"{name}@{k}" for name in NAMES], return_mean=False)
    Path(sys.argv[2]).write_text(json.dumps({name: scores[f"{name}@{k}"].tolist() for name in NAMES}))


if __name__ == "__main__":
    main()
