"""Numbers and estimates as the tables of `mlops models` show them."""

import math

from mlops.registry.manifest.evidence import Estimate

UNDEFINED = "\N{EN DASH}"


def format_number(value: float | None) -> str:
    """Four digits after the point below 10, four significant ones below 10,000, whole numbers above."""
    if value is None or math.isnan(value):
        return UNDEFINED
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def format_estimate(estimate: Estimate | None) -> str:
    """A value with its interval, if it has one."""
    if estimate is None or estimate.value is None:
        return UNDEFINED
    if estimate.interval is None:
        return format_number(estimate.value)
    low, high = (format_number(end) for end in (estimate.interval.low, estimate.interval.high))
    return f"{format_number(estimate.value)} ({low} to {high})"
