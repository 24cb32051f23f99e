"""How the gates write statistics."""


def write_p_value(value: float) -> str:
    """A p-value, "p = 0.012", to three digits and never as zero."""
    return f"p = {value:.3f}" if value >= 0.001 else "p < 0.001"
