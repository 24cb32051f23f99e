"""Drift: sequential tests of each column whose false alarms stay within a budget, however often one looks."""

from mlops.monitoring.drift.effect import Change, Tolerance
from mlops.monitoring.drift.look import Finding, look, p_value, significant
from mlops.monitoring.drift.reference import Reference, make_reference
from mlops.monitoring.drift.state import DriftState, Window

__all__ = [
    "Change",
    "DriftState",
    "Finding",
    "Reference",
    "Tolerance",
    "Window",
    "look",
    "make_reference",
    "p_value",
    "significant",
]
