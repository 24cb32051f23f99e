"""Queries of a DynamoDB table read one partition: moto sorts and looks through all items of the table each time."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

from moto.dynamodb.models.table import Table


def query_partition(query: Callable[..., Any]) -> Callable[..., Any]:
    """moto's `Table.query`, given no more than the items with the hash key; queries of an index are as they were."""
    parameters = signature(query)

    @wraps(query)
    def read(table: Table, *args: Any, **options: Any) -> Any:
        given = parameters.bind(table, *args, **options).arguments
        hash_key = given["hash_key"]
        if given.get("index_name") is not None or hash_key not in table.items:
            return query(table, *args, **options)
        # Not by copy.copy: moto keeps every table that is made in the usual way.
        partition = object.__new__(type(table))
        vars(partition).update(vars(table), items={hash_key: table.items[hash_key]})
        return query(partition, *args, **options)

    return read
