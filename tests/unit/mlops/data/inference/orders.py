"""Orders that a draft is made of, with whatever columns else, for tests that look at one rule at a time."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops.contract import Task
from mlops.data.inference import Draft, draft
from mlops.data.inference.spec_file import write_spec
from mlops.data.read import read_dataset
from mlops.data.read_csv import read_csv
from mlops.spec import ModelSpec

ROWS = 200


def table(extra: dict[str, Callable[[int], object]] | None = None, rows: int = ROWS) -> bytes:
    """Orders that come back more often if they are large, and whatever columns else."""
    random = np.random.default_rng(0)
    amounts = random.gamma(2, 50, rows).round(2)
    returned = np.where(amounts / 100 + random.normal(0, 0.5, rows) > 1, "yes", "no")
    more = extra or {}
    lines = [",".join(["amount", "channel", *more, "returned"])]
    for row in range(rows):
        cells = [amounts[row], random.choice(["web", "shop"]), *(make(row) for make in more.values()), returned[row]]
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines).encode()


def of(content: bytes, target: str = "returned", task: Task | None = None) -> Draft:
    return draft(read_csv(content), "orders", target, task)


def column(made: Draft, name: str) -> Any:
    return next(each for each in made.columns if each.name == name)


def read_spec(made: Draft) -> ModelSpec:
    """The spec of the file that is written of a draft."""
    names: dict[str, Any] = {}
    exec(compile(write_spec(made, "orders.csv"), "orders.py", "exec"), names)
    found: ModelSpec = names["spec"]
    return found


def as_typed(content: bytes) -> pa.Table:
    """The table as Parquet has it, read back."""
    file = io.BytesIO()
    pd.read_csv(io.BytesIO(content)).to_parquet(file)
    return read_dataset(file.getvalue(), "a.parquet")
