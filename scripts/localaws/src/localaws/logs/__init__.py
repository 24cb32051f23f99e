"""CloudWatch Logs with queries, filters and processing of arriving events, installed into moto."""

from localaws.logs.follow import arrived
from localaws.logs.ingestion import Ingestion, describe
from localaws.logs.install import install
from localaws.logs.patterns import compile_pattern
from localaws.logs.store import EventStore

__all__ = ["EventStore", "Ingestion", "arrived", "compile_pattern", "describe", "install"]
