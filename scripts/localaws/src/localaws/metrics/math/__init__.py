"""Metric math: expressions over time series.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from localaws.metrics.math.evaluation import Scope, evaluate
from localaws.metrics.math.parser import Malformed, names_in, parse
from localaws.metrics.math.values import Grid, Series

__all__ = ["Grid", "Malformed", "Scope", "Series", "evaluate", "names_in", "parse"]
