"""The units of CloudWatch."""

_SIZES = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits")
_QUANTITIES = (*_SIZES, "Terabits", "Count")

UNITS = frozenset(
    {"Seconds", "Microseconds", "Milliseconds", "Percent", "None"}
    | {*_QUANTITIES}
    | {f"{quantity}/Second" for quantity in _QUANTITIES}
)
