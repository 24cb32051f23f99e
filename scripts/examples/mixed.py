"""A synthetic dataset with every kind of column (numbers, texts, booleans, dates) and missing values."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from examples.table import write_table

ROWS = 800
SEED = 7
HEADER = ("customer", "age", "income (EUR)", "plan", "region", "newsletter", "since", "last_complaint", "churned")
PLANS = {"basic": 0.8, "plus": 0.0, "family": -0.9}
REGIONS = ("north", "east", "south", "west")


def write_mixed(folder: Path) -> Path:
    """800 subscribers who churn more often if they are young, new, on the basic plan, or complained recently."""
    random = np.random.default_rng(SEED)
    return write_table(folder / "mixed.csv", HEADER, [_row(number, random) for number in range(ROWS)])


def _row(number: int, random: np.random.Generator) -> list[Any]:
    age, income = int(random.integers(18, 90)), round(float(random.lognormal(10.4, 0.4)), 2)
    plan, region = str(random.choice([*PLANS])), str(random.choice(REGIONS))
    newsletter = bool(random.random() < 0.4)
    days, complained = int(random.integers(30, 3_000)), bool(random.random() < 0.3)
    score = PLANS[plan] + (50 - age) / 25 + (1_000 - days) / 1_500 + 1.5 * complained - 0.6 * newsletter
    churned = score + random.logistic(0, 0.5) > 0.3
    since = date(2026, 1, 1) - timedelta(days)
    complaint = since + timedelta(int(random.integers(0, days))) if complained else None
    return [
        f"C-{10_000 + number}",
        age,
        _with_probability(income, 0.85, random),
        plan,
        _with_probability(region, 0.95, random),
        str(newsletter).lower(),
        since.isoformat(),
        complaint.isoformat() if complaint else None,
        "yes" if churned else "no",
    ]


def _with_probability(value: Any, share: float, random: np.random.Generator) -> Any:
    """The value with the probability `share`, else None."""
    return value if random.random() < share else None
