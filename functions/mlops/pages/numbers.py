"""Numbers as people read them."""

import math

NOTHING = "\N{EN DASH}"
UNDEFINED = "undefined"
_UNREADABLE = 1e12


def write_number(value: float | str | None) -> str:
    """A number with as many digits as can matter; text as it is."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return UNDEFINED if math.isnan(value) else f"{value}"
    size = abs(value)
    if size >= _UNREADABLE:
        return f"{value:.1e}"
    if isinstance(value, int) or (value == round(value) and size >= 2) or size == 0:
        return f"{value:,.0f}"
    if size < 0.001:
        return f"{value:.1e}"
    return f"{value:.3f}" if size < 2 else f"{value:,.2f}" if size < 1000 else f"{value:,.0f}"


def write_gain(value: float) -> str:
    """A difference with its sign, to as many digits as a small one needs."""
    return f"{value:+.4f}" if abs(value) < 2 else f"{value:+,.2f}"


def write_p_value(value: float) -> str:
    """A p-value to three digits, never as zero."""
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"
