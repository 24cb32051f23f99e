"""Dynamic labels of GetMetricData's results.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

from moto.cloudwatch.exceptions import ValidationError

from localaws.metrics.math import Series
from localaws.settings import ACCOUNT

_DYNAMIC = re.compile(r"\$\{(?:PROP\('(?P<property>[^']+)'\)|(?P<name>[A-Z_]+))\}")
_MOST = 6
_VALUES: dict[str, Callable[[list[float]], float]] = {
    "AVG": fmean,
    "DATAPOINT_COUNT": len,
    "FIRST": lambda values: values[0],
    "LAST": lambda values: values[-1],
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


def check_label(label: str) -> None:
    """Raise ValidationError for a label with too many dynamic values, or with one that local AWS doesn't have."""
    found = list(_DYNAMIC.finditer(label))
    if len(found) > _MOST:
        raise ValidationError(f"A label has at most {_MOST} dynamic values.")
    for each in found:
        if each["name"] not in (None, "LABEL", *_VALUES):
            raise ValidationError(f"Local AWS doesn't support {each[0]} in labels.")


def render(label: str, default: str, series: Series, query: Mapping[str, Any], region: str) -> str:
    """A label with its dynamic values, of which `${LABEL}` is the default label; `--` without data points.

    Numbers have at most four significant digits: AWS's documentation leaves that open.
    """
    values = [value for _, value in sorted(series.points.items())]

    def value(found: re.Match[str]) -> str:
        if found["property"]:
            return _property(found["property"], query, region)
        if found["name"] == "LABEL":
            return default
        return f"{_VALUES[found['name']](values):.4g}" if values else "--"

    return _DYNAMIC.sub(value, label)


def _property(name: str, query: Mapping[str, Any], region: str) -> str:
    stat = query.get("MetricStat") or {}
    metric = stat.get("Metric") or {}
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    known = {
        "AccountId": ACCOUNT,
        "AccountLabel": ACCOUNT,
        "MetricName": metric.get("MetricName"),
        "Namespace": metric.get("Namespace"),
        "Period": stat.get("Period") or query.get("Period"),
        "Region": region,
        "Stat": stat.get("Stat"),
        **{f"Dim.{key}": text for key, text in dimensions.items()},
    }
    return str(known.get(name) or "")
