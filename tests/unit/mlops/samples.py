"""A small question with two columns, and datasets that answer it, for tests that look at one rule at a time."""

from collections.abc import Sequence

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops.spec import ModelSpec
from tests.unit.mlops.leaves import CONTRACT

HEADER = "length,width,kind"


def make_spec(**changes: object) -> ModelSpec:
    """Tells long from short leaves: two numbers, two labels, two quick candidates."""
    given: dict[str, object] = {
        "name": "leaves",
        "target": CONTRACT.target,
        "columns": CONTRACT.columns,
        "candidates": {
            "linear": make_pipeline(StandardScaler(), LogisticRegression()),
            "forest": RandomForestClassifier(n_estimators=5),
        },
        "metric": "accuracy",
        "floors": {"accuracy": 0.8},
        "min_rows": 40,
        # It alone predicts long or short.
        "vouched": ("length",),
        "test_share": 0.5,  # thirty rows, the fewest that a comparison needs
    }
    return ModelSpec(**{**given, **changes})  # type: ignore[arg-type]


def make_lines(rows: int = 60, seed: int = 0) -> list[str]:
    """CSV lines of leaves that are easily classified; every second one is long."""
    random = np.random.default_rng(seed)
    centres = [(20.0, "short"), (60.0, "long")]
    return [
        f"{centre + random.normal(0, 3):.3f},{random.uniform(5, 40):.3f},{label}"
        for centre, label in (centres[row % 2] for row in range(rows))
    ]


def make_csv(lines: Sequence[str] | None = None, header: str = HEADER) -> bytes:
    """The lines under a header, as bytes."""
    return "\n".join([header, *(make_lines() if lines is None else lines), ""]).encode()
