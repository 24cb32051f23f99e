"""The capacity that requests consume, and the ends of pages, through an AWS client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


@pytest.fixture
def dynamodb(cloud: Any) -> Any:
    return cloud.client("dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:
    """A table with a global index of what has the attribute g."""
    name = f"metered-{uuid.uuid4().hex[:12]}"
    index = {
        "IndexName": "by-g",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in "psg"],
        GlobalSecondaryIndexes=[index],
    )
    yield name
    dynamodb.delete_table(TableName=name)


def key(sort: str) -> dict[str, Any]:
    return {"p": {"S": "a"}, "s": {"S": sort}}


def item(sort: str, size: int, **others: Any) -> dict[str, Any]:
    return {**key(sort), "b": {"S": "x" * size}, **others}


def units(answer: Any) -> float:
    return float(answer["ConsumedCapacity"]["CapacityUnits"])


@pytest.mark.proves("dynamodb capacity")
def test_single_reads_and_writes_consume_by_the_size_of_the_item(dynamodb: Any, table: str) -> None:
    given: dict[str, Any] = {"TableName": table, **TOTAL}
    change = {"UpdateExpression": "SET b = :b", "ExpressionAttributeValues": {":b": {"S": "y"}}}

    assert units(dynamodb.put_item(**given, Item=item("1", 5000))) == 5.0
    assert units(dynamodb.get_item(**given, Key=key("1"))) == 1.0
    assert units(dynamodb.get_item(**given, Key=key("1"), ConsistentRead=True)) == 2.0
    assert units(dynamodb.get_item(**given, Key=key("none"))) == 0.5
    # The greater of both sizes.
    assert units(dynamodb.update_item(**given, Key=key("1"), **change)) == 5.0
    assert units(dynamodb.update_item(**given, Key=key("1"), **change)) == 1.0
    assert units(dynamodb.delete_item(**given, Key=key("1"))) == 1.0
    assert "ConsumedCapacity" not in dynamodb.put_item(TableName=table, Item=item("1", 1))


@pytest.mark.proves("dynamodb capacity")
def test_indexes_consume_too_and_are_named(dynamodb: Any, table: str) -> None:
    given = {"TableName": table, "ReturnConsumedCapacity": "INDEXES"}
    answer = dynamodb.put_item(**given, Item=item("1", 2500, g={"S": "x"}))["ConsumedCapacity"]

    assert answer == {
        "TableName": table,
        "CapacityUnits": 4.0,
        "Table": {"CapacityUnits": 3.0},
        "GlobalSecondaryIndexes": {"by-g": {"CapacityUnits": 1.0}},
    }


@pytest.mark.proves("dynamodb capacity")
def test_batches_and_transactions_consume_for_each_item(dynamodb: Any, table: str) -> None:
    puts = [{"PutRequest": {"Item": item(str(number), 1500)}} for number in range(3)]
    keys = [key(str(number)) for number in range(3)]

    (batch,) = dynamodb.batch_write_item(RequestItems={table: puts}, **TOTAL)["ConsumedCapacity"]
    assert batch == {"TableName": table, "CapacityUnits": 6.0}
    (batch,) = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}}, **TOTAL)["ConsumedCapacity"]
    assert batch == {"TableName": table, "CapacityUnits": 1.5}
    actions = [{"Put": {"TableName": table, "Item": item(str(number), 1500)}} for number in range(2)]
    (written,) = dynamodb.transact_write_items(TransactItems=actions, **TOTAL)["ConsumedCapacity"]
    assert written == {"TableName": table, "CapacityUnits": 8.0, "WriteCapacityUnits": 8.0}
    gets = [{"Get": {"TableName": table, "Key": each}} for each in keys]
    (read,) = dynamodb.transact_get_items(TransactItems=gets, **TOTAL)["ConsumedCapacity"]
    assert read == {"TableName": table, "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0}
    assert "ConsumedCapacity" not in dynamodb.batch_write_item(RequestItems={table: puts})


@pytest.mark.proves("dynamodb capacity")
def test_searches_consume_for_all_that_they_look_at(dynamodb: Any, table: str) -> None:
    for number in range(4):
        dynamodb.put_item(TableName=table, Item=item(str(number), 3000))
    values = {":p": {"S": "a"}, ":b": {"S": "none"}}
    query = {"TableName": table, "KeyConditionExpression": "p = :p", "FilterExpression": "b = :b", **TOTAL}

    answer = dynamodb.query(**query, ExpressionAttributeValues=values)
    assert (answer["Count"], answer["ScannedCount"], units(answer)) == (0, 4, 1.5)
    assert units(dynamodb.query(**query, ExpressionAttributeValues=values, Limit=2)) == 1.0
    assert units(dynamodb.scan(TableName=table, ProjectionExpression="p", ConsistentRead=True, **TOTAL)) == 3.0
    assert units(dynamodb.scan(TableName=table, IndexName="by-g", **TOTAL)) == 0.5


@pytest.mark.proves("dynamodb pages")
@pytest.mark.parametrize("filtered", [False, True], ids=["all", "filtered"])
@pytest.mark.parametrize("search", ["query", "scan"])
def test_a_page_that_is_full_has_a_last_key_even_if_nothing_follows(
    dynamodb: Any, table: str, search: str, filtered: bool
) -> None:
    for number in range(3):
        dynamodb.put_item(TableName=table, Item=item(str(number), 1))
    given: dict[str, Any] = {"TableName": table, "Limit": 3}
    values = {}
    if search == "query":
        given["KeyConditionExpression"] = "p = :p"
        values[":p"] = {"S": "a"}
    if filtered:
        given["FilterExpression"] = "b = :b"
        values[":b"] = {"S": "none"}
    if values:
        given["ExpressionAttributeValues"] = values

    page = getattr(dynamodb, search)(**given)
    assert (page["Count"], page["LastEvaluatedKey"]) == (0 if filtered else 3, key("2"))
    page = getattr(dynamodb, search)(**given, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert (page["Count"], "LastEvaluatedKey" in page) == (0, False)
    assert "LastEvaluatedKey" not in getattr(dynamodb, search)(**{**given, "Limit": 4})
