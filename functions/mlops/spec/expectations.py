"""What a model must do besides being right: be invariant, follow directions, be small and fast enough to serve."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Invariance:
    """Answers stay the same while irrelevant columns change (Ribeiro et al., "Beyond accuracy", ACL 2020).

    The values of `columns` are swapped between rows; with `noise` they are numbers that are multiplied by up to 1 ±
    `noise` instead. No probability may move by more than `tolerance` (a regression's answer: in the target's unit) but
    in a share of `exceptions` of the rows.
    """

    columns: tuple[str, ...]
    noise: float | None = None
    tolerance: float = 0.0
    exceptions: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Direction:
    """The answer rises, or falls, as a column does: a known cause must not work the wrong way round.

    The column changes by `step`, in its unit and within its range, or `values` goes from the first to the second. The
    answer is the probability of `label` (by default the positive one) or a regression's value. It may move the other
    way by `tolerance`, and further in a share of `exceptions` of the rows.
    """

    column: str
    answer: Literal["rises", "falls"]
    step: float | None = None
    values: tuple[Any, Any] | None = None
    label: str | None = None
    tolerance: float = 0.0
    exceptions: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most that a compiled model may take: what a function of 1 GB that starts cold can bear.

    `size_mb` is the file's size, `load_seconds` the time to open it, `memory_mb` what it adds to a process that has
    answered, and `latency_ms` the time for one row.
    """

    size_mb: float = 60.0
    load_seconds: float = 2.0
    memory_mb: float = 400.0
    latency_ms: float = 20.0
