"""A figure: a number with its interval and its count."""

from pydantic import BaseModel, ConfigDict


class Figure(BaseModel):
    """A metric, or a difference of two, on `rows` rows: `value` within `low` to `high`, None where there's no interval.

    `level` is the interval's confidence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    value: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    rows: int
