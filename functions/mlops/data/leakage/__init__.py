"""Leakage: columns that give the answer away, and would be missing, unknown or meaningless in a prediction.

S. Kaufman, S. Rosset, C. Perlich and O. Stitelman, "Leakage in data mining: formulation, detection, and avoidance", ACM
TKDD 6 (2012).

identifiers.py  columns that identify rows and predict nothing
copies.py       the target itself, under another name, other labels or another scale
predictors.py   a column that alone predicts the target almost perfectly, where all others together don't
"""

import pandas as pd

from mlops.data.leakage.copies import find_copies
from mlops.data.leakage.identifiers import find_identifiers
from mlops.data.leakage.predictors import find_predictors
from mlops.errors.violations import Violation
from mlops.spec import ModelSpec

__all__ = ["check_leakage"]


def check_leakage(rows: pd.DataFrame, spec: ModelSpec) -> list[Violation]:
    """A violation for each column that gives the answer away and that the spec doesn't vouch for."""
    suspects = [column for column in spec.columns if column.name not in spec.vouched]
    found: dict[str, tuple[str, str]] = {}
    for rule, reasons in (
        ("identifier", find_identifiers(rows, suspects)),
        ("copy", find_copies(rows, suspects, spec.target)),
    ):
        found |= {name: (rule, reason) for name, reason in reasons.items() if name not in found}
    left = [column for column in suspects if column.name not in found]
    judged = [column for column in spec.columns if column.name not in found]
    predictors = find_predictors(rows, left, judged, spec.target, spec.seed)
    found |= {name: ("leak", reason) for name, reason in predictors.items()}
    return [
        Violation(rule=rule, column=name, message=f"column {name!r} {reason}; {_remedy(name, rule)}")
        for name, (rule, reason) in found.items()
    ]


def _remedy(name: str, rule: str) -> str:
    key = f' and name it in key=("{name}",)' if rule == "identifier" else ""
    return f'take it out of the spec\'s columns{key}, or vouch for it there: vouched=("{name}",)'
