"""Subresources of buckets and objects that moto doesn't know: it takes a request for one as for the bucket or object.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Collection

_UNKNOWN = frozenset(
    {
        "abac",
        "analytics",
        "annotation",
        "intelligent-tiering",
        "metadataAnnotationTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataTable",
        "metrics",
        "renameObject",
        "requestPayment",
        "session",
        "torrent",
    }
)
# Those that moto knows for other methods only: (method, whether it's an object's, subresource).
_UNKNOWN_BY_METHOD = frozenset(
    {
        ("DELETE", False, "inventory"),
        ("GET", True, "retention"),
        # moto's SQL returns nothing where it doesn't understand a condition.
        ("POST", True, "select"),
        ("PUT", True, "encryption"),
    }
)


def is_known(method: str, path: str, parameters: Collection[str]) -> bool:
    """Whether moto has the operation of a request with these query parameters."""
    of_object = bool(path.strip("/").partition("/")[2])
    named = {(method, of_object, name) for name in parameters}
    return _UNKNOWN.isdisjoint(parameters) and _UNKNOWN_BY_METHOD.isdisjoint(named)
