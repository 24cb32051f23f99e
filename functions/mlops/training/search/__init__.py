"""The search: which candidate, with which parameters, calibrated how, and from which probability it answers yes."""

from mlops.training.search.winner import SearchResult, search

__all__ = ["SearchResult", "search"]
