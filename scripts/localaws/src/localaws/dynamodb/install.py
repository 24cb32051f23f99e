"""Makes moto's DynamoDB check requests, project items, repeat transactions and run PartiQL as DynamoDB does."""

from __future__ import annotations

from moto.dynamodb import responses
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict

from localaws.dynamodb import capacity, comparisons, projections, requests, searches, transactions
from localaws.dynamodb.partiql import install as partiql
from localaws.dynamodb.sizes import set_within_limit
from localaws.moto_patches import MotoPatches


def install(patches: MotoPatches) -> None:
    """Check each request before moto gets it, and replace what moto does otherwise."""
    patches.replace(responses.DynamoHandler, "call_action", requests.checked)
    patches.replace(responses.DynamoHandler, "transact_get_items", projections.projected_transaction)
    patches.replace(responses.DynamoHandler, "transact_write_items", transactions.once)
    patches.replace(responses.DynamoHandler, "update_table", requests.enabling_stream)
    comparisons.install(patches)
    searches.install(patches)
    capacity.install(patches)
    partiql.install(patches)
    patches.replace(responses, "TRANSACTION_MAX_ITEMS", lambda _: requests.MAX_TRANSACTION)
    patches.replace_method(responses.ProjectionExpressionParser, "parse", projections.parsed)
    patches.replace_method(Item, "project", projections.projected_item)
    patches.replace_method(LimitedSizeDict, "__setitem__", set_within_limit)
