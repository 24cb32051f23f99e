"""What DynamoDB refuses and moto accepts, and what moto does otherwise, through an AWS client."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

Call = Callable[[Any, str], Any]
KEY = {"p": {"S": "a"}, "s": {"S": "1"}}
LARGE = {"S": "x" * 390_000}
ONE = {":v": {"S": "x"}}


@pytest.fixture
def dynamodb(cloud: Any) -> Any:
    return cloud.client("dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:
    name = f"checked-{uuid.uuid4().hex[:12]}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in "psgl"],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "global",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]},
            }
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "local",
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "l", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    yield name
    dynamodb.delete_table(TableName=name)


def put(item: dict[str, Any], **options: Any) -> Call:
    return lambda client, table: client.put_item(TableName=table, Item=KEY | item, **options)


def update(expression: str, **values: dict[str, Any]) -> Call:
    given = {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
    return lambda client, table: client.update_item(TableName=table, Key=KEY, UpdateExpression=expression, **given)


def query(condition: str, values: dict[str, Any] = ONE, **options: Any) -> Call:
    return lambda client, table: client.query(
        TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues=values, **options
    )


def scan(**options: Any) -> Call:
    return lambda client, table: client.scan(TableName=table, **options)


def transact(*actions: tuple[str, dict[str, Any]]) -> Call:
    return lambda client, table: client.transact_write_items(
        TransactItems=[{kind: {"TableName": table, **given}} for kind, given in actions]
    )


def write(*items: dict[str, Any]) -> Call:
    return lambda client, table: client.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]}
    )


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"N": "1"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


REFUSED: dict[str, Call] = {
    "an undefined value": put({}, ConditionExpression="p = :v"),
    "an unused value": scan(FilterExpression="attribute_exists(p)", ExpressionAttributeValues=ONE),
    "an unused name": scan(ProjectionExpression="p", ExpressionAttributeNames={"#x": "x"}),
    "values without an expression": put({}, ExpressionAttributeValues=ONE),
    "an empty expression": scan(FilterExpression=""),
    "a syntax error": scan(FilterExpression="p == :v", ExpressionAttributeValues=ONE),
    "a reserved word": update("SET Year = :v", v={"S": "x"}),
    "reversed bounds": scan(
        FilterExpression="x BETWEEN :b AND :a", ExpressionAttributeValues={":a": {"N": "1"}, ":b": {"N": "2"}}
    ),
    "legacy parameters beside an expression": put(
        {}, Expected={"p": {"Exists": False}}, ConditionExpression="attribute_exists(p)"
    ),
    "a key with an attribute too many": lambda client, table: client.get_item(
        TableName=table, Key=KEY | {"x": {"S": "x"}}
    ),
    "a key of another type": lambda client, table: client.get_item(TableName=table, Key=KEY | {"s": {"N": "1"}}),
    "a long key": put({"s": {"S": "x" * 1025}}),
    "an index key of another type": put({"g": {"N": "1"}}),
    "an empty index key": put({"g": {"S": ""}}),
    "a batch without keys": write({"p": {"S": "a"}}),
    "a batch with an item that is too large": write(KEY, {"p": {"S": "b"}, "s": {"S": "1"}, "x": {"S": "x" * 410_000}}),
    "an empty set": put({"x": {"M": {"y": {"SS": []}}}}),
    "a set with a value twice": put({"x": {"NS": ["1", "1.0"]}}),
    "33 levels": put({"x": nested(32)}),
    "an update of the key": update("SET p = :v", v={"S": "x"}),
    "an update of a part twice": update("SET x.y = :v REMOVE x", v={"S": "x"}),
    "a sum with a text": update("SET x = x + :v", v={"S": "x"}),
    "no partition key": query("s = :v"),
    "another operator": query("p = :v AND s <> :v"),
    "a filter by a key": query("p = :v", FilterExpression="s = :v"),
    "a key of another type in a condition": query("p = :v", {":v": {"N": "1"}}),
    "a consistent read of a global index": query("g = :v", IndexName="global", ConsistentRead=True),
    "an attribute that a global index lacks": query("g = :v", IndexName="global", ProjectionExpression="y"),
    "an attribute that a local index lacks": query("p = :v", IndexName="local", Select="ALL_ATTRIBUTES"),
    "an index that does not exist": query("p = :v", IndexName="nope"),
    "two actions on an item": transact(("Put", {"Item": KEY}), ("Delete", {"Key": KEY})),
    "a transaction over 4 MB": transact(
        *(("Put", {"Item": {"p": {"S": "a"}, "s": {"S": str(n)}, "x": LARGE}}) for n in range(11))
    ),
    "a transaction of 101 actions": transact(
        *(("Put", {"Item": {"p": {"S": "a"}, "s": {"S": str(n)}}}) for n in range(101))
    ),
}


@pytest.mark.proves("dynamodb requests")
@pytest.mark.parametrize("call", REFUSED.values(), ids=list(REFUSED))
def test_what_dynamodb_refuses_is_refused_and_writes_nothing(dynamodb: Any, table: str, call: Call) -> None:
    with pytest.raises(ClientError) as caught:
        call(dynamodb, table)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert dynamodb.scan(TableName=table)["Count"] == 0


@pytest.mark.proves("dynamodb numbers")
def test_numbers_are_stored_in_one_form(dynamodb: Any, table: str) -> None:
    put({"x": {"N": "1.50"}, "y": {"NS": ["1e2"]}})(dynamodb, table)

    item = dynamodb.get_item(TableName=table, Key=KEY)["Item"]

    assert (item["x"], item["y"]) == ({"N": "1.5"}, {"NS": ["100"]})


@pytest.mark.proves("dynamodb projections")
def test_a_projection_keeps_several_elements_of_a_list(dynamodb: Any, table: str) -> None:
    put({"l": {"S": "l"}, "x": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]}, "b": {"B": b"\x00"}})(dynamodb, table)
    asked = {"TableName": table, "Key": KEY, "ProjectionExpression": "#x[2], #x[0], b"}
    found = {"x": {"L": [{"N": "0"}, {"N": "2"}]}, "b": {"B": b"\x00"}}

    assert dynamodb.get_item(**asked, ExpressionAttributeNames={"#x": "x"})["Item"] == found
    get = {"Get": {**asked, "ExpressionAttributeNames": {"#x": "x"}}}
    assert dynamodb.transact_get_items(TransactItems=[get])["Responses"] == [{"Item": found}]


@pytest.mark.proves("dynamodb transaction tokens")
def test_a_transaction_with_a_token_happens_once(dynamodb: Any, table: str) -> None:
    token = uuid.uuid4().hex

    def add(amount: str) -> None:
        change = {"UpdateExpression": "ADD x :v", "ExpressionAttributeValues": {":v": {"N": amount}}}
        dynamodb.transact_write_items(
            ClientRequestToken=token, TransactItems=[{"Update": {"TableName": table, "Key": KEY, **change}}]
        )

    add("1")
    add("1")

    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"]["x"] == {"N": "1"}
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        add("2")


@pytest.mark.proves("dynamodb requests")
def test_items_of_400_kb_are_stored_and_do_not_grow(dynamodb: Any, table: str) -> None:
    put({"x": {"S": "x" * 409_000}})(dynamodb, table)

    with pytest.raises(ClientError, match="ValidationException"):
        update("SET y = :v", v={"S": "y" * 1000})(dynamodb, table)

    assert "y" not in dynamodb.get_item(TableName=table, Key=KEY)["Item"]


@pytest.mark.proves("dynamodb requests")
def test_expiry_is_enabled_once(dynamodb: Any, table: str) -> None:
    given = {"TableName": table, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "e"}}
    dynamodb.update_time_to_live(**given)

    with pytest.raises(ClientError, match="TimeToLive is already enabled"):
        dynamodb.update_time_to_live(**given)


@pytest.mark.proves("dynamodb requests")
@pytest.mark.parametrize("keys", [[("p", "RANGE")], [("p", "HASH"), ("p", "RANGE")]])
def test_a_table_with_other_keys_is_refused(dynamodb: Any, keys: list[tuple[str, str]]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.create_table(
            TableName="checked-keys",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        )
