"""How long a training takes, by its table's shape: one that can't end in time is refused before it begins."""

from mlops.errors.data import DatasetTooLarge
from mlops.intake.resources import Resources

SECONDS_PER_CELL = 2.5e-6
"""Seconds that fitting one cell takes, of a table of numbers and categories on two cores."""
FULL_FITS = 3
"""What is done with all rows: the winner's fit, evaluation and plots, in fits."""
SEARCH_ROWS = 20_000
"""Rows of a larger table that are searched on: more change which candidate wins less than another trial does."""


def check_time(rows: int, columns: int, *, candidates: int, resources: Resources) -> None:
    """Raise DatasetRejected for a table that can't be trained on in the time left, with the figure and a way out.

    Each candidate is fitted in 5 folds of the rows that are searched on, and the winner on all rows.
    """
    if resources.deadline is None:
        return
    cells = columns * (5 * candidates * min(rows, SEARCH_ROWS) + FULL_FITS * rows)
    seconds, left = SECONDS_PER_CELL * cells, resources.deadline - resources.clock()
    if seconds > left:
        raise DatasetTooLarge(
            "time",
            f"a training on {rows:,} rows of {columns:,} columns takes about {seconds:,.0f} s, and {left:,.0f} s are "
            "left. Take columns out of the spec (ignored=(…)), name fewer candidates, or give it more by the stack's "
            f"parameter {resources.more_time}",
        )
