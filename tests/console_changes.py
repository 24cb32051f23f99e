"""What the function that compares versions finds, as its document."""

from typing import Any

CANT_BE_COMPARED = {
    "versions": [3, 4],
    "datasets": None,
    "datasets_problem": "s3://data/a.csv, which version 3 of 'churn' was trained on, can't be used: it was deleted.",
    "answers": None,
    "answers_problem": "A dataset is gone.",
}


def make_changes(first: int, second: int, *, columns: int = 3, text: str = "north") -> dict[str, Any]:
    """Changes between two versions' datasets of so many columns, `text` among their names and cells."""
    named = {"column": "radius", "distance": 0.21, "p_value": 0.0001, "shifted": True}
    missing = {"missing_before": 0.0, "missing_after": 0.0}
    radius = {**named, **missing, "before": quartiles(8, 10, 12), "after": quartiles(9, 11, 13)}
    site = {
        **named,
        "column": "site",
        "distance": 0.1,
        "p_value": 0.004,
        "missing_before": 0.01,
        "missing_after": 0.02,
        "before": {"shares": [[text, 0.75], ["south", 0.2]]},
        "after": {"shares": [[text, 0.6], ["south", 0.35]]},
    }
    private = {
        **named,
        **missing,
        "column": "patient",
        "distance": 0.01,
        "p_value": 0.8,
        "shifted": False,
        "before": None,
        "after": None,
    }
    more = [{**site, "column": f"{text} {place}", "shifted": False} for place in range(columns - 3)]
    cells = {"radius": 12.5, "site": text, "patient": "(hidden)", "diagnosis": "benign"}
    return {
        "versions": [first, second],
        "datasets": {
            "rows": [1000, 1010],
            "kept": 990,
            "removed": 5,
            "added": 15,
            "changed": 5,
            "columns_removed": [],
            "columns_added": ["weight"],
            "shifts": [radius, site, private, *more],
            "more_shifts": 0,
            "removed_rows": [{"row": place, "cells": cells, "more_cells": 8} for place in range(5)],
            "added_rows": [{"row": 900 + place, "cells": cells, "more_cells": 8} for place in range(5)],
            "changed_rows": [
                {"rows": [place, place + 3], "cells": {"radius": [12.5, 13], "site": [text, None]}, "more_cells": 0}
                for place in range(5)
            ],
        },
        "datasets_problem": None,
        "answers": {
            "rows": 300,
            "changed_rows": 12,
            "gained": 8,
            "lost": 4,
            "changed": [
                {
                    "row": place,
                    "truth": "malignant",
                    "first": "benign",
                    "second": "malignant",
                    "first_certainty": 0.62,
                    "second_certainty": 0.81,
                }
                for place in range(10)
            ],
        },
        "answers_problem": None,
    }


def quartiles(*values: float) -> dict[str, Any]:
    return {"quartiles": [float(value) for value in values]}
