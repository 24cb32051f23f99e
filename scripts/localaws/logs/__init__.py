"""CloudWatch Logs that answer truly: Logs Insights queries, saved queries and filter patterns, put into moto."""

from localaws.logs.install import install
from localaws.logs.patterns import compile_pattern

__all__ = ["compile_pattern", "install"]
