"""CloudWatch Logs with queries, filters and processing of arriving events, installed into moto."""

from localaws.logs.ingestion import Ingestion
from localaws.logs.install import install
from localaws.logs.patterns import compile_pattern

__all__ = ["Ingestion", "compile_pattern", "install"]
