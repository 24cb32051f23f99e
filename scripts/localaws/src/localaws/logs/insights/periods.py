"""Periods (`5m`, `1h`, `1mo`) and rounding of times to them."""

from localaws.logs.insights import syntax
from localaws.logs.insights.values import malformed

_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
# Unit names, and either milliseconds with AWS's maximum count, or a calendar unit.
_FIXED = {
    ("ms", "msec", "millisecond"): (1, 1000),
    ("s", "sec", "second"): (_SECOND, 60),
    ("m", "min", "minute"): (_MINUTE, 60),
    ("h", "hr", "hour"): (_HOUR, 24),
    ("d", "day"): (_DAY, None),
}
_CALENDAR = {
    ("w", "week"): ("weeks", 1),
    ("mo", "mon", "month"): ("months", 1),
    ("q", "qtr", "quarter"): ("months", 3),
    ("y", "yr", "year"): ("months", 12),
}


def floor(moment: str, period: syntax.Node) -> str:
    """SQL for `moment` (SQL for milliseconds) rounded down to the period."""
    size = _size(period)
    if isinstance(size, int):
        return f"CAST(floor({moment} / {size}) AS BIGINT) * {size}"
    return f"epoch_ms(time_bucket({size}, make_timestamp({moment} * 1000)))"


def ceil(moment: str, period: syntax.Node) -> str:
    """SQL for `moment` (SQL for milliseconds) rounded up to the period."""
    size = _size(period)
    if isinstance(size, int):
        return f"CAST(ceil({moment} / {size}) AS BIGINT) * {size}"
    down = floor(moment, period)
    following = f"epoch_ms(time_bucket({size}, make_timestamp({moment} * 1000)) + {size})"
    return f"CASE WHEN {down} = {moment} THEN {down} ELSE {following} END"


def _size(period: syntax.Node) -> int | str:
    """Milliseconds, or a SQL interval for the units whose length varies."""
    if not isinstance(period, syntax.Period) or period.count < 1:
        raise malformed("expected a period such as 30s, 5m, 1h or 1d", period)
    unit = period.unit.lower()
    names = {unit, unit.removesuffix("s")} if len(unit) > 2 else {unit}
    for units, (length, most) in _FIXED.items():
        if names.intersection(units):
            if most is not None and period.count > most:
                raise malformed(f"AWS supports at most {most} of {units[0]!r}; use a larger unit", period)
            return length * period.count
    for units, (interval, count) in _CALENDAR.items():
        if names.intersection(units):
            return f"INTERVAL '{count * period.count} {interval}'"
    raise malformed(f"unknown unit of time {period.unit!r}", period)
