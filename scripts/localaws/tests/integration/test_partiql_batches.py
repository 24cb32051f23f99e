"""Batches and transactions of PartiQL's statements, through an AWS client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


@pytest.fixture
def dynamodb(cloud: Any) -> Any:
    return cloud.client("dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:
    """A table with the items a and b, whose n are 1 and 2, and a stream."""
    name = f"batched-{uuid.uuid4().hex[:12]}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for number, item in enumerate("ab", 1):
        dynamodb.put_item(TableName=name, Item={"id": {"S": item}, "n": {"N": str(number)}})
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def batch(dynamodb: Any, table: str) -> Any:
    """Executes a batch of statements on the table T; returns the answer."""
    return lambda *given, **options: dynamodb.batch_execute_statement(Statements=requests(table, given), **options)


@pytest.fixture
def transaction(dynamodb: Any, table: str) -> Any:
    """Executes a transaction of statements on the table T; returns the answer."""
    return lambda *given, **options: dynamodb.execute_transaction(TransactStatements=requests(table, given), **options)


def requests(table: str, statements: Any) -> list[dict[str, Any]]:
    """Statements, or requests with one, on the table T as requests on a table."""
    given = [each if isinstance(each, dict) else {"Statement": each} for each in statements]
    return [{**each, "Statement": each["Statement"].replace(" T ", f' "{table}" ')} for each in given]


def items(dynamodb: Any, table: str) -> dict[str, str]:
    """id → n of all items."""
    return {item["id"]["S"]: item["n"]["N"] for item in dynamodb.scan(TableName=table)["Items"]}


def refusal(action: Any, *arguments: Any, **options: Any) -> Any:
    """The answer of an error."""
    with pytest.raises(ClientError) as caught:
        action(*arguments, **options)
    return caught.value.response


@pytest.mark.proves("partiql batches")
def test_a_batch_reads_single_items(table: str, batch: Any) -> None:
    parameter = {"Statement": "SELECT n FROM T WHERE id = ?", "Parameters": [{"S": "b"}]}

    answer = batch(
        "SELECT * FROM T WHERE id = 'a'",
        parameter,
        "SELECT * FROM T WHERE id = 'none'",
        "SELECT * FROM T WHERE id = 'a' AND n > 1",
        "SELECT * FROM T WHERE n = 1",
        "SELECT * FROM T .\"by-n\" WHERE id = 'a'",
        **TOTAL,
    )
    whole_key = "Select statements within BatchExecuteStatement must specify the primary key in the where clause."

    assert answer["Responses"] == [
        {"TableName": table, "Item": {"id": {"S": "a"}, "n": {"N": "1"}}},
        {"TableName": table, "Item": {"n": {"N": "2"}}},
        {"TableName": table},
        {"TableName": table},
        {"Error": {"Code": "ValidationError", "Message": whole_key}},
        {"Error": {"Code": "ValidationError", "Message": whole_key}},
    ]
    assert [each["CapacityUnits"] for each in answer["ConsumedCapacity"]] == [0.5] * 4


@pytest.mark.proves("partiql batches")
def test_a_statement_of_a_batch_that_fails_leaves_the_others(dynamodb: Any, table: str, batch: Any) -> None:
    answer = batch(
        "INSERT INTO T VALUE {'id': 'c', 'n': 3}",
        "INSERT INTO T VALUE {'id': 'a', 'n': 3}",
        {
            "Statement": "UPDATE T SET n = 4 WHERE id = 'b' AND n = 1",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
        "UPDATES T SET n = 4 WHERE id = 'b'",
        "DELETE FROM \"none-such\" WHERE id = 'b'",
        "DELETE FROM T WHERE id = 'a' RETURNING ALL OLD *",
    )

    assert answer["Responses"] == [
        {"TableName": table},
        {"Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}},
        {
            "Error": {
                "Code": "ConditionalCheckFailed",
                "Message": "The conditional request failed",
                "Item": {"id": {"S": "b"}, "n": {"N": "2"}},
            }
        },
        {
            "Error": {
                "Code": "ValidationError",
                "Message": "Statement wasn't well formed, can't be processed: Expected data manipulation",
            }
        },
        {"Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}},
        {"TableName": table, "Item": {"id": {"S": "a"}, "n": {"N": "1"}}},
    ]
    assert items(dynamodb, table) == {"b": "2", "c": "3"}


@pytest.mark.proves("partiql batches")
def test_batches_and_transactions_do_not_mix_reads_and_writes(
    dynamodb: Any, table: str, batch: Any, transaction: Any
) -> None:
    mixed = "SELECT * FROM T WHERE id = 'a'", "DELETE FROM T WHERE id = 'b'"

    for action in (batch, transaction):
        assert refusal(action, *mixed)["Error"]["Code"] == "ValidationException"
    assert items(dynamodb, table) == {"a": "1", "b": "2"}


@pytest.mark.proves("partiql transactions")
def test_a_transaction_happens_as_a_whole(dynamodb: Any, table: str, transaction: Any) -> None:
    answer = transaction(
        "INSERT INTO T VALUE {'id': 'c', 'n': 3}",
        {"Statement": "UPDATE T SET n = n + ? WHERE id = 'b'", "Parameters": [{"N": "5"}]},
        "EXISTS(SELECT * FROM T WHERE id = 'a' AND n = 1)",
        **TOTAL,
    )

    assert len(answer["Responses"]) == 3
    assert sum(each["CapacityUnits"] for each in answer["ConsumedCapacity"]) == 6.0
    assert items(dynamodb, table) == {"a": "1", "b": "7", "c": "3"}


@pytest.mark.proves("partiql transactions")
def test_a_transaction_that_is_cancelled_gives_reasons_and_writes_nothing(
    dynamodb: Any, table: str, transaction: Any
) -> None:
    found = refusal(
        transaction,
        "INSERT INTO T VALUE {'id': 'a', 'n': 3}",
        "UPDATE T SET n = 5 WHERE id = 'b'",
        "EXISTS(SELECT * FROM T WHERE id = 'x' AND n = 1)",
    )

    assert found["Error"]["Code"] == "TransactionCanceledException"
    assert found["CancellationReasons"] == [
        {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
    ]
    assert items(dynamodb, table) == {"a": "1", "b": "2"}


@pytest.mark.proves("partiql transactions")
def test_a_transaction_with_a_token_happens_once(dynamodb: Any, table: str, transaction: Any) -> None:
    token = uuid.uuid4().hex[:36]

    for _ in range(2):
        transaction("UPDATE T SET n = n + 1 WHERE id = 'a'", ClientRequestToken=token)

    assert items(dynamodb, table) == {"a": "2", "b": "2"}
    found = refusal(transaction, "DELETE FROM T WHERE id = 'a'", ClientRequestToken=token)
    assert found["Error"]["Code"] == "IdempotentParameterMismatchException"


@pytest.mark.proves("partiql transactions")
def test_a_transaction_reads_items(transaction: Any) -> None:
    answer = transaction("SELECT n FROM T WHERE id = 'b'", "SELECT * FROM T WHERE id = 'none'")

    assert answer["Responses"] == [{"Item": {"n": {"N": "2"}}}, {}]


@pytest.mark.proves("partiql transactions")
@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELECT * FROM T WHERE", "Statement wasn't well formed, can't be processed: Unexpected term"),
        (
            "SELECT * FROM T WHERE n = 1",
            "Select statements within ExecuteTransaction must specify the primary key in the where clause.",
        ),
        ("SELECT * FROM T .\"by-n\" WHERE id = 'a'", "Reads on indices are not supported within transactions."),
        (
            "UPDATE T SET n = 1 WHERE id = 'a' RETURNING ALL NEW *",
            "RETURNING clause is not supported in ExecuteTransaction.",
        ),
        (
            "EXISTS(SELECT * FROM T WHERE id = 'a')",
            "EXISTS() must contain a single item read with additional condition",
        ),
        (
            "SELECT * FROM T WHERE id = 'a' AND n = 1",
            "Local AWS doesn't support conditions other than the key in reads of transactions",
        ),
    ],
)
def test_a_statement_of_a_transaction_is_refused_by_its_number(transaction: Any, statement: str, reason: str) -> None:
    assert refusal(transaction, statement)["Error"] == {
        "Code": "ValidationException",
        "Message": f"Validation failed in TransactStatements[0]: {reason}",
    }


@pytest.mark.proves("partiql statements")
def test_a_stream_has_what_statements_write(cloud: Any, dynamodb: Any, table: str, batch: Any) -> None:
    batch(
        "INSERT INTO T VALUE {'id': 'c', 'n': 3}", "UPDATE T SET n = 5 WHERE id = 'c'", "DELETE FROM T WHERE id = 'c'"
    )

    streams = cloud.client("dynamodbstreams")
    arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    assert [record["eventName"] for record in records][2:] == ["INSERT", "MODIFY", "REMOVE"]
