"""Probes of DynamoDB and its streams."""

from __future__ import annotations

import json
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import expect, probe

_GUIDE = "amazondynamodb/latest/developerguide"
_API = "amazondynamodb/latest/APIReference"


def _table(cloud: Cloud, **options: Any) -> str:
    """A new table with the keys p and s, both texts."""
    name = cloud.name("table")
    definitions = [{"AttributeName": key, "AttributeType": "S"} for key in ("p", "s")]
    cloud("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        AttributeDefinitions=[*definitions, *options.pop("Definitions", [])],
        **options,
    )
    until(lambda: cloud("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE")
    return name


def _item(p: str, s: str, **others: object) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {"p": {"S": p}, "s": {"S": s}}
    made |= {key: {"N": str(value)} if isinstance(value, int) else {"S": str(value)} for key, value in others.items()}
    return made


@probe(f"{_GUIDE}/Expressions.ConditionExpressions.html")
def condition(cloud: Cloud) -> None:
    """A conditional put of an item that exists fails, and returns the old item if asked to"""
    table, put = _table(cloud), cloud("dynamodb").put_item
    given = {"TableName": table, "ConditionExpression": "attribute_not_exists(p)"}
    put(**given, Item=_item("1", "1", n=1))
    error = refused(
        "ConditionalCheckFailedException",
        put,
        **given,
        Item=_item("1", "1", n=2),
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    expect(error.response.get("Item"), _item("1", "1", n=1))


@probe(f"{_API}/API_TransactWriteItems.html")
def transaction(cloud: Cloud) -> None:
    """A transaction one of whose conditions fails writes nothing, and says which failed"""
    table = _table(cloud)
    put = {"Put": {"TableName": table, "Item": _item("1", "1")}}
    check = {"TableName": table, "Key": _item("2", "2"), "ConditionExpression": "attribute_exists(p)"}
    write = cloud("dynamodb").transact_write_items
    error = refused("TransactionCanceledException", write, TransactItems=[put, {"ConditionCheck": check}])
    codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
    expect((codes, cloud("dynamodb").scan(TableName=table)["Count"]), (["None", "ConditionalCheckFailed"], 0))


@probe(f"{_GUIDE}/Query.KeyConditionExpressions.html")
def query(cloud: Cloud) -> None:
    """A query by a sort key's beginning returns its items backwards, in pages of the limit"""
    table, client = _table(cloud), cloud("dynamodb")
    for s in ("a1", "a2", "a3", "b1"):
        client.put_item(TableName=table, Item=_item("1", s))
    given = {
        "TableName": table,
        "KeyConditionExpression": "p = :p AND begins_with(s, :s)",
        "ExpressionAttributeValues": {":p": {"S": "1"}, ":s": {"S": "a"}},
        "ScanIndexForward": False,
        "Limit": 2,
    }
    first = client.query(**given)
    rest = client.query(**given, ExclusiveStartKey=first["LastEvaluatedKey"])
    found = [[item["s"]["S"] for item in page["Items"]] for page in (first, rest)]
    expect((found, "LastEvaluatedKey" in rest), ([["a3", "a2"], ["a1"]], False))


@probe(f"{_GUIDE}/GSI.html")
def index(cloud: Cloud) -> None:
    """An index has its keys and the table's only, and only items that have its key"""
    index = {
        "IndexName": "by-g",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    table = _table(cloud, GlobalSecondaryIndexes=[index], Definitions=[{"AttributeName": "g", "AttributeType": "S"}])
    client = cloud("dynamodb")
    for item in (_item("1", "1", g="x", other="o"), _item("2", "2", other="o")):
        client.put_item(TableName=table, Item=item)
    found = client.scan(TableName=table, IndexName="by-g")["Items"]
    expect(found, [_item("1", "1", g="x")])


@probe(f"{_GUIDE}/Expressions.UpdateExpressions.html")
def update(cloud: Cloud) -> None:
    """An update adds, appends, sets what isn't there, and returns the new item"""
    table, client = _table(cloud), cloud("dynamodb")
    given = {
        "TableName": table,
        "Key": _item("1", "1"),
        "UpdateExpression": "SET l = list_append(if_not_exists(l, :none), :one), f = if_not_exists(f, :n) ADD n :n",
        "ExpressionAttributeValues": {":none": {"L": []}, ":one": {"L": [{"S": "x"}]}, ":n": {"N": "2"}},
        "ReturnValues": "ALL_NEW",
    }
    client.update_item(**given)
    found = client.update_item(**given)["Attributes"]
    expect(found, {**_item("1", "1"), "l": {"L": [{"S": "x"}, {"S": "x"}]}, "f": {"N": "2"}, "n": {"N": "4"}})


@probe(f"{_GUIDE}/ReservedWords.html")
def reserved_word(cloud: Cloud) -> None:
    """A reserved word in an expression is refused with ValidationException, with a # it isn't"""
    table, scan = _table(cloud), cloud("dynamodb").scan
    given = {"TableName": table, "ExpressionAttributeValues": {":v": {"S": "1"}}}
    refused("ValidationException", scan, **given, FilterExpression="status = :v")
    expect(scan(**given, FilterExpression="#s = :v", ExpressionAttributeNames={"#s": "status"})["Count"], 0)


@probe(f"{_GUIDE}/Constraints.html")
def item_size(cloud: Cloud) -> None:
    """An item over 400 KB is refused with ValidationException"""
    put = cloud("dynamodb").put_item
    refused("ValidationException", put, TableName=_table(cloud), Item=_item("1", "1", big="x" * 400 * 1024))


@probe(f"{_GUIDE}/Constraints.html")
def numbers(cloud: Cloud) -> None:
    """A number keeps 38 digits, and one of more is refused with ValidationException"""
    table, client = _table(cloud), cloud("dynamodb")
    digits = "1234567890" * 3 + "12345678"
    client.put_item(TableName=table, Item={**_item("1", "1"), "n": {"N": digits}})
    expect(client.get_item(TableName=table, Key=_item("1", "1"))["Item"]["n"]["N"], digits)
    refused("ValidationException", client.put_item, TableName=table, Item={**_item("1", "1"), "n": {"N": digits + "9"}})


@probe(f"{_GUIDE}/HowItWorks.NamingRulesDataTypes.html")
def empty_key(cloud: Cloud) -> None:
    """An empty text is refused as a key with ValidationException, and accepted elsewhere"""
    table, put = _table(cloud), cloud("dynamodb").put_item
    put(TableName=table, Item=_item("1", "1", other=""))
    refused("ValidationException", put, TableName=table, Item=_item("", "1"))


@probe(f"{_API}/API_BatchWriteItem.html")
def duplicate_keys(cloud: Cloud) -> None:
    """A batch that writes an item twice is refused with ValidationException"""
    table = _table(cloud)
    requests = [{"PutRequest": {"Item": _item("1", "1", n=number)}} for number in (1, 2)]
    refused("ValidationException", cloud("dynamodb").batch_write_item, RequestItems={table: requests})


def _streamed(cloud: Cloud) -> tuple[str, str]:
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    table = _table(cloud, StreamSpecification=specification)
    found = cloud("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    return table, str(found)


@probe(f"{_GUIDE}/Streams.html")
def stream(cloud: Cloud) -> None:
    """A stream has INSERT, MODIFY and REMOVE with their images, and nothing for a write that changes nothing"""
    table, arn = _streamed(cloud)
    client, streams = cloud("dynamodb"), cloud("dynamodbstreams")
    for number in (1, 1, 2):
        client.put_item(TableName=table, Item=_item("1", "1", n=number))
    client.delete_item(TableName=table, Key=_item("1", "1"))
    records: list[Any] = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records += streams.get_records(ShardIterator=iterator)["Records"]
    expect([record["eventName"] for record in records], ["INSERT", "MODIFY", "REMOVE"])
    images = records[1]["dynamodb"]
    expect((images["OldImage"]["n"], images["NewImage"]["n"]), ({"N": "1"}, {"N": "2"}))


@probe("lambda/latest/dg/with-ddb.html")
def stream_to_function(cloud: Cloud) -> None:
    """A function gets a table's changes, filtered by its event source's pattern"""
    table, arn = _streamed(cloud)
    answers, _ = cloud.queue()
    code = (
        "import boto3, json\ndef handler(event, context):\n    for record in event['Records']:\n"
        f"        boto3.client('sqs').send_message(QueueUrl='{answers}', MessageBody=json.dumps(record))\n"
    )
    pattern = json.dumps({"dynamodb": {"NewImage": {"kind": {"S": ["b"]}}}})
    mapping = cloud("lambda").create_event_source_mapping(
        FunctionName=cloud.function(code, Timeout=20),
        EventSourceArn=arn,
        StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": pattern}]},
    )
    until(lambda: cloud("lambda").get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled")
    for kind in ("a", "b"):
        cloud("dynamodb").put_item(TableName=table, Item=_item("1", kind, kind=kind))
    found = cloud.bodies(answers, 1, 20)
    expect([(record["eventSource"], record["dynamodb"]["Keys"]["s"]["S"]) for record in found], [("aws:dynamodb", "b")])
