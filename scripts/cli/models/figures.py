"""Figures as tables show them."""

import math

from mlops.registry.manifest.evidence import Estimate

NOTHING = "\N{EN DASH}"


def write_figure(value: float | None) -> str:
    """Four digits after the point for what is near one, four that matter for anything else."""
    if value is None or math.isnan(value):
        return NOTHING
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def write_estimate(estimate: Estimate | None) -> str:
    """A value with its interval, where it has one."""
    if estimate is None or estimate.value is None:
        return NOTHING
    if estimate.interval is None:
        return write_figure(estimate.value)
    low, high = (write_figure(end) for end in (estimate.interval.low, estimate.interval.high))
    return f"{write_figure(estimate.value)} ({low} to {high})"
