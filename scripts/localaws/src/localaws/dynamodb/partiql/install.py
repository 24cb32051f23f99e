"""Makes DynamoDB's handler run statements."""

from __future__ import annotations

from moto.dynamodb.responses import DynamoHandler

from localaws.dynamodb.partiql.execution import execute_statement
from localaws.dynamodb.partiql.multiple import batch_execute_statement, execute_transaction
from localaws.moto_patches import MotoPatches


def install(patches: MotoPatches) -> None:
    """Replace moto's execution of statements."""
    for method in (execute_statement, batch_execute_statement, execute_transaction):
        patches.replace_method(DynamoHandler, method.__name__, method)
