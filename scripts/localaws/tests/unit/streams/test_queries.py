"""A query of a DynamoDB table answers as before, and looks at no more than the items of its partition."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models.table import Table

from localaws.moto_patches import MotoPatches
from localaws.streams.queries import query_partition

USERS, EVENTS = 20, 6
NAME = "recent"


class Looks:
    """How many items each query looked through."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def watch(self, all_items: Any) -> Any:
        def listed(table: Table) -> Any:
            found = all_items(table)
            self.sizes.append(len(found))
            return found

        return listed


@pytest.fixture
def looks() -> Iterator[Looks]:
    patches, looks = MotoPatches(), Looks()
    with mock_aws():
        patches.replace(Table, "all_items", looks.watch)
        patches.replace(Table, "query", query_partition)
        yield looks
        patches.restore()


@pytest.fixture
def table(looks: Looks) -> Any:
    """A table of so many users, each with so many events."""
    client = boto3.client("dynamodb", "us-east-1", aws_access_key_id="local", aws_secret_access_key="local")
    keys = (("user", "HASH"), ("event", "RANGE"))
    client.create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("user", "event", "item")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "items",
                "KeySchema": [{"AttributeName": "item", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for user in range(USERS):
        for event in range(EVENTS):
            item = {"user": {"S": f"u{user}"}, "event": {"S": f"e{event}"}, "item": {"S": f"i{user % 2}"}}
            client.put_item(TableName=NAME, Item=item)
    looks.sizes.clear()
    return client


def query(table: Any, condition: str, value: str, **options: Any) -> Any:
    values = {":v": {"S": value}}
    names = {"#k": condition}
    given = {
        "KeyConditionExpression": "#k = :v",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    return table.query(TableName=NAME, **given, **options)


def test_a_query_looks_at_its_partition_alone(table: Any, looks: Looks) -> None:
    found = query(table, "user", "u3", ConsistentRead=True)
    assert [item["event"]["S"] for item in found["Items"]] == [f"e{event}" for event in range(EVENTS)]
    assert (found["Count"], found["ScannedCount"]) == (EVENTS, EVENTS)
    assert looks.sizes == [EVENTS]


def test_a_query_goes_backwards_and_on_from_where_it_ended(table: Any) -> None:
    first = query(table, "user", "u3", ScanIndexForward=False, Limit=4)
    rest = query(table, "user", "u3", ScanIndexForward=False, ExclusiveStartKey=first["LastEvaluatedKey"])
    events = [item["event"]["S"] for answer in (first, rest) for item in answer["Items"]]
    assert events == [f"e{event}" for event in reversed(range(EVENTS))]


def test_a_partition_that_is_not_there_has_no_items_and_is_not_made(table: Any) -> None:
    assert query(table, "user", "nobody")["Items"] == []
    assert table.scan(TableName=NAME)["Count"] == USERS * EVENTS


def test_a_query_of_an_index_finds_the_items_of_all_partitions(table: Any) -> None:
    assert query(table, "item", "i1", IndexName="items")["Count"] == USERS * EVENTS // 2
