"""Statements of PartiQL, through an AWS client."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

TOTAL = {"ReturnConsumedCapacity": "TOTAL"}
INDEX = {
    "IndexName": "by-kind",
    "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]},
}


@pytest.fixture
def dynamodb(cloud: Any) -> Any:
    return cloud.client("dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:
    """A table of items by artist and song, with an index by kind and n."""
    name = f"music-{uuid.uuid4().hex[:12]}"
    types = {"artist": "S", "song": "S", "kind": "S", "n": "N"}
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "artist", "KeyType": "HASH"}, {"AttributeName": "song", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": kind} for each, kind in types.items()],
        GlobalSecondaryIndexes=[INDEX],
    )
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def run(dynamodb: Any, table: str) -> Any:
    """Executes a statement, in which T is the table; returns the answer."""

    def execute(statement: str, *parameters: Any, **options: Any) -> Any:
        given = {"Parameters": list(parameters)} if parameters else {}
        return dynamodb.execute_statement(
            Statement=re.sub(r"\bT\b", f'"{table}"', statement, count=1), **given, **options
        )

    return execute


@pytest.fixture
def songs(run: Any) -> None:
    """Five items of the table."""
    for artist, song, n in (("a", "1", 10), ("a", "2", 20), ("a", "3", 30), ("b", "1", 40), ("c", "1", 50)):
        run(
            f"""INSERT INTO T VALUE {{'artist': '{artist}', 'song': '{song}', 'n': {n}, 'kind': 'rock',
            'title': '{artist}{song}', 'tags': ['x', 'y', {n}], 'm': {{'deep': {{'er': {n}}}, 'o''clock': true}}}}"""
        )


def refusal(action: Any, *arguments: Any, **options: Any) -> tuple[str, str]:
    """The code and message of an error."""
    with pytest.raises(ClientError) as caught:
        action(*arguments, **options)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def titles(answer: Any) -> list[str]:
    return [item["title"]["S"] for item in answer["Items"]]


def stored(dynamodb: Any, table: str, artist: str, song: str) -> Any:
    return dynamodb.get_item(TableName=table, Key={"artist": {"S": artist}, "song": {"S": song}}).get("Item")


@pytest.mark.proves("partiql statements")
def test_an_item_of_literals_is_inserted_once(dynamodb: Any, table: str, run: Any) -> None:
    insert = """INSERT INTO T VALUE {'artist': 'o''clock', 'song': '1', 'n': -1.50e1, 'b': true, 'z': NULL,
        'l': [1, 'a', {'k': false}], 's': <<'x', 'y'>>, 'ns': <<1, 2>>, 'm': {}, 'e': []}"""

    assert run(insert)["Items"] == []
    found = stored(dynamodb, table, "o'clock", "1")
    assert sorted(found.pop("s")["SS"]) == ["x", "y"]
    assert sorted(found.pop("ns")["NS"]) == ["1", "2"]
    assert found == {
        "artist": {"S": "o'clock"},
        "song": {"S": "1"},
        "n": {"N": "-15"},
        "b": {"BOOL": True},
        "z": {"NULL": True},
        "l": {"L": [{"N": "1"}, {"S": "a"}, {"M": {"k": {"BOOL": False}}}]},
        "m": {"M": {}},
        "e": {"L": []},
    }
    assert refusal(run, insert) == ("DuplicateItemException", "Duplicate primary key exists in table")


@pytest.mark.proves("partiql statements")
def test_parameters_of_all_types_are_inserted_and_compared(dynamodb: Any, table: str, run: Any) -> None:
    values: dict[str, Any] = {
        "s": {"S": "it's"},
        "x": {"N": "1.5"},
        "b": {"B": b"\x00\xff"},
        "t": {"BOOL": False},
        "z": {"NULL": True},
        "l": {"L": [{"S": "a"}]},
        "m": {"M": {"k": {"N": "1"}}},
        "bs": {"BS": [b"a"]},
    }
    fields = ", ".join(f"'{name}': ?" for name in values)

    run(f"INSERT INTO T VALUE {{'artist': ?, 'song': '1', {fields}}}", {"S": "a"}, *values.values())

    assert stored(dynamodb, table, "a", "1") == {"artist": {"S": "a"}, "song": {"S": "1"}, **values}
    for name, value in values.items():
        assert len(run(f"SELECT * FROM T WHERE artist = ? AND {name} = ?", {"S": "a"}, value)["Items"]) == 1, name


@pytest.mark.proves("partiql statements")
@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("artist='a' AND song='2'", ["a2"]),
        ("artist = 'a' and song > '1'", ["a2", "a3"]),
        ("artist = 'a' AND song BETWEEN '2' AND '3' AND n <> 30", ["a2"]),
        ("artist = 'a' AND begins_with(song, '3')", ["a3"]),
        ("artist = 'a' AND song IN ['1', '3']", ["a1", "a3"]),
        ("artist = 'a' AND song = '1' AND song < '1'", []),
        ("'a' = artist AND NOT (n = 10 OR n = 20)", ["a3"]),
        ("artist IN ['c', 'b', 'c'] AND n >= 40", ["c1", "b1"]),
        ("artist IN ('b') AND m.deep.er = 40", ["b1"]),
        ("n < 20 OR n > 40", ["a1", "c1"]),
        ("n NOT IN [10, 20, 30, 40]", ["c1"]),
        ("n NOT BETWEEN 20 AND 50", ["a1"]),
        ("tags[2] = 30 AND contains(tags, 'x')", ["a3"]),
        ("size(tags) = 3 AND n = 50", ["c1"]),
        ("attribute_type(\"n\", 'N') AND n <= 10", ["a1"]),
        ("absent IS MISSING AND n = 40", ["b1"]),
        ("absent IS NOT MISSING", []),
        ("n IS NUMERIC AND title IS NOT NULL AND artist = 'b'", ["b1"]),
        ("m['o''clock'] = true AND artist = 'c'", ["c1"]),
        # Types that differ are neither equal nor in order, and what's missing is no null.
        ("n < 'x' OR title > 5 OR n BETWEEN 'a' AND 'z' OR absent = NULL OR absent = gone", []),
        ("size(absent) < 5 OR size(n) < 5", []),
        ("size(title) = size(song) OR n = 5.0e1", ["c1"]),
        ("absent <> 1 AND n IN [10.0, '20', NULL]", ["a1"]),
    ],
)
def test_a_select_finds_what_its_condition_demands(run: Any, songs: None, where: str, expected: list[str]) -> None:
    found = titles(run(f"SELECT * FROM T WHERE {where}"))

    assert (found if "IN [" in where or " (" in where else sorted(found)) == expected


@pytest.mark.proves("partiql statements")
def test_a_select_has_the_ends_of_its_paths(run: Any, songs: None) -> None:
    where = "WHERE artist = 'b' AND song = '1'"

    assert run(f'select title, m.deep.er, tags[2], "absent" from T {where}')["Items"] == [
        {"title": {"S": "b1"}, "er": {"N": "40"}, "tags[2]": {"N": "40"}}
    ]


@pytest.mark.proves("partiql statements")
def test_keys_give_the_order(run: Any, songs: None) -> None:
    assert titles(run("SELECT * FROM T WHERE artist = 'a' ORDER BY song DESC")) == ["a3", "a2", "a1"]
    assert titles(run("SELECT * FROM T WHERE artist = 'a' AND song IN ['1', '3'] ORDER BY song DESC")) == ["a3", "a1"]
    found = titles(run("SELECT * FROM T WHERE artist IN ['b', 'c', 'a'] ORDER BY artist DESC, song ASC"))
    assert found == ["c1", "b1", "a1", "a2", "a3"]


@pytest.mark.proves("partiql statements")
def test_an_index_is_queried(run: Any, songs: None) -> None:
    where = "WHERE kind = 'rock' AND n > 20 ORDER BY n DESC"
    assert titles(run(f'SELECT * FROM T."by-kind" {where}')) == ["c1", "b1", "a3"]
    assert run(f'SELECT title FROM T."by-kind" {where}', Limit=1)["Items"] == [{"title": {"S": "c1"}}]

    assert refusal(run, f'SELECT tags FROM T."by-kind" {where}')[0] == "ValidationException"
    assert (
        refusal(run, "SELECT * FROM T.\"by-kind\" WHERE kind = 'rock' AND tags IS MISSING")[0] == "ValidationException"
    )
    assert refusal(run, 'SELECT * FROM T."by-name"')[0] == "ValidationException"
    assert refusal(run, f'SELECT * FROM T."by-kind" {where}', ConsistentRead=True) == (
        "ValidationException",
        "Strongly consistent read is not supported on Global Secondary Indexes",
    )


@pytest.mark.proves("partiql pages")
@pytest.mark.parametrize("where", ["", "WHERE artist IN ['a', 'b', 'c']", "WHERE artist IN ['c', 'b', 'a'] AND n > 0"])
def test_pages_have_at_most_as_many_items_as_their_limit(run: Any, songs: None, where: str) -> None:
    statement = f"SELECT * FROM T {where}"
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = run(statement, Limit=2, **token)
        assert len(page["Items"]) <= 2
        found += titles(page)
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert sorted(found) == ["a1", "a2", "a3", "b1", "c1"]


@pytest.mark.proves("partiql pages")
def test_a_limit_counts_items_before_the_filter(run: Any, songs: None) -> None:
    page = run("SELECT * FROM T WHERE artist = 'a' AND n = 30", Limit=2)

    assert page["Items"] == []
    assert titles(run("SELECT * FROM T WHERE artist = 'a' AND n = 30", NextToken=page["NextToken"])) == ["a3"]
    assert refusal(run, "SELECT * FROM T WHERE artist = 'b'", NextToken=page["NextToken"]) == (
        "ValidationException",
        "NextToken does not match request",
    )
    assert refusal(run, "SELECT * FROM T", NextToken="e30=") == ("ValidationException", "Invalid NextToken")


@pytest.mark.proves("partiql statements")
@pytest.mark.parametrize(
    ("changes", "attribute", "expected"),
    [
        ("SET n = n + 1", "n", {"N": "11"}),
        ("SET n=n-?", "n", {"N": "7"}),
        ("SET tags = list_append(tags, [1])", "tags", {"L": [{"S": "x"}, {"S": "y"}, {"N": "10"}, {"N": "1"}]}),
        ("SET tags[1] = 'z' REMOVE tags[0]", "tags", {"L": [{"S": "z"}, {"N": "10"}]}),
        ("SET new = set_add(new, <<'p'>>)", "new", {"SS": ["p"]}),
        ("SET m.deep.er = 5, kind = 'pop'", "m", {"M": {"deep": {"M": {"er": {"N": "5"}}}, "o'clock": {"BOOL": True}}}),
        ("SET kind = 'pop' SET new = [?]", "new", {"L": [{"N": "3"}]}),
        ("REMOVE kind, n", "n", None),
    ],
)
def test_an_update_changes_an_item(
    dynamodb: Any, table: str, run: Any, songs: None, changes: str, attribute: str, expected: Any
) -> None:
    parameters = [{"N": "3"}] * changes.count("?")

    run(f"UPDATE T {changes} WHERE artist='a' AND song='1'", *parameters)

    assert stored(dynamodb, table, "a", "1").get(attribute) == expected


@pytest.mark.proves("partiql statements")
def test_values_are_deleted_from_a_set(dynamodb: Any, table: str, run: Any) -> None:
    run("INSERT INTO T VALUE {'artist': 'a', 'song': '1', 's': <<1, 2>>}")

    run("UPDATE T SET s = set_delete(s, <<2, 3>>) WHERE artist = 'a' AND song = '1'")

    assert stored(dynamodb, table, "a", "1")["s"] == {"NS": ["1"]}
    assert refusal(run, "UPDATE T SET s = set_add(t, <<2>>) WHERE artist = 'a' AND song = '1'") == (
        "ValidationException",
        "The first argument to SET_ADD must equal the assignment value",
    )


@pytest.mark.proves("partiql statements")
@pytest.mark.parametrize(
    ("changes", "returning", "expected"),
    [
        ("SET tags[2] = 1, n = 11", "MODIFIED OLD", [{"tags": {"L": [{"N": "10"}]}, "n": {"N": "10"}}]),
        ("SET tags[2] = 1, n = 11", "MODIFIED NEW", [{"tags": {"L": [{"N": "1"}]}, "n": {"N": "11"}}]),
        ("SET n = 10", "MODIFIED NEW", [{"n": {"N": "10"}}]),
        ("SET m.deep.er = 1", "MODIFIED NEW", [{"m": {"M": {"deep": {"M": {"er": {"N": "1"}}}}}}]),
        ("REMOVE n", "MODIFIED NEW", []),
        ("SET new = 1", "MODIFIED OLD", []),
    ],
)
def test_an_update_returns_what_it_modified(
    run: Any, songs: None, changes: str, returning: str, expected: list[Any]
) -> None:
    answer = run(f"UPDATE T {changes} WHERE artist = 'a' AND song = '1' RETURNING {returning} *")

    assert answer["Items"] == expected


@pytest.mark.proves("partiql statements")
def test_writes_return_whole_items(run: Any, songs: None) -> None:
    key = "WHERE artist = 'a' AND song = '1'"

    (old,) = run(f"UPDATE T SET n = 99 {key} RETURNING ALL OLD *")["Items"]
    (new,) = run(f"UPDATE T SET n = 98 {key} RETURNING ALL NEW *")["Items"]
    (deleted,) = run(f"DELETE FROM T {key} RETURNING ALL OLD *")["Items"]

    assert (old["n"], new["n"], deleted) == ({"N": "10"}, {"N": "98"}, new)
    assert run(f"DELETE FROM T {key} RETURNING ALL OLD *")["Items"] == []
    assert refusal(run, f"DELETE FROM T {key} RETURNING MODIFIED OLD *") == (
        "ValidationException",
        "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements.",
    )


@pytest.mark.proves("partiql statements")
def test_a_write_happens_only_if_its_condition_holds(dynamodb: Any, table: str, run: Any, songs: None) -> None:
    failed = ("ConditionalCheckFailedException", "The conditional request failed")

    assert refusal(run, "UPDATE T SET n = 1 WHERE artist = 'none' AND song = '1'") == failed
    assert refusal(run, "UPDATE T SET n = 1 WHERE artist = 'a' AND song = '1' AND n > 10") == failed
    assert refusal(run, "DELETE FROM T WHERE artist = 'a' AND song = '1' AND (n = 1 OR kind = 'pop')") == failed
    run("DELETE FROM T WHERE artist = 'none' AND song = '1' AND n = 1")
    assert stored(dynamodb, table, "none", "1") is None
    assert stored(dynamodb, table, "a", "1")["n"] == {"N": "10"}
    run("DELETE FROM T WHERE artist = 'a' AND song = '1' AND n = 10")
    assert stored(dynamodb, table, "a", "1") is None


@pytest.mark.proves("partiql statements")
def test_a_condition_that_fails_returns_the_item_on_request(run: Any, songs: None) -> None:
    with pytest.raises(ClientError) as caught:
        run(
            "UPDATE T SET n = 1 WHERE artist = 'b' AND song = '1' AND n = 1",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    response: Any = caught.value.response
    assert response["Item"]["title"] == {"S": "b1"}


KEYS = "Where clause does not contain a mandatory equality on all key attributes"
MALFORMED = "Statement wasn't well formed, can't be processed: "


@pytest.mark.proves("partiql refusals")
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT COUNT(*) FROM T", "Unexpected path component at 1:8:5"),
        ("SELECTT * FROM T", f"{MALFORMED}Expected data manipulation"),
        ("SELECT * FROM T WHERE artist = 'a' foo", f"{MALFORMED}Unexpected token after expression"),
        ("SELECT * FROM T WHERE", f"{MALFORMED}Unexpected term"),
        ("SELECT * FROM T t WHERE artist = 'a'", "Aliasing is not supported"),
        ("SELECT * FROM T LIMIT 1", "Unsupported clause: LIMIT"),
        ("SELECT * FROM T WHERE date = 1", f"{MALFORMED}Unexpected keyword"),
        ("SELECT * FROM T WHERE artist = ?", "Number of parameters in request and statement don't match."),
        ("SELECT * FROM T ORDER BY song", "Must have WHERE clause in the statement when using ORDER BY clause."),
        ("DELETE FROM T WHERE artist = 'a'", KEYS),
        ("UPDATE T SET n = 1", KEYS),
        ("UPDATE T SET n = if_not_exists(n, 1) WHERE artist = 'a'", "Unrecognized function: if_not_exists"),
        ("EXISTS(SELECT * FROM T)", "EXISTS can only be used in ExecuteTransaction write requests."),
        (
            "UPDATE T SET song = '2' WHERE artist = 'a' AND song = '1'",
            "One or more parameter values were invalid: Cannot update attribute song. "
            "This attribute is part of the key",
        ),
        (
            "UPDATE T SET kind = 1 WHERE artist = 'a' AND song = '1'",
            "One or more parameter values were invalid: The update expression attempted to update the secondary index "
            "key to unsupported type",
        ),
        (
            "UPDATE T SET absent[0] = 1 WHERE artist = 'c' AND song = '1'",
            "The document path provided in the update expression is invalid for update",
        ),
    ],
)
def test_a_statement_is_refused_with_a_message(run: Any, songs: None, statement: str, message: str) -> None:
    assert refusal(run, statement) == ("ValidationException", message)


@pytest.mark.proves("partiql refusals")
def test_tables_that_do_not_exist_are_named(dynamodb: Any) -> None:
    found = refusal(dynamodb.execute_statement, Statement='SELECT * FROM "none-such"')

    assert found == ("ResourceNotFoundException", "Requested resource not found")


@pytest.mark.proves("dynamodb capacity")
def test_statements_consume_by_the_size_of_the_item(run: Any) -> None:
    insert = "INSERT INTO T VALUE {'artist': ?, 'song': '1', 'title': ?}"
    for artist in "ab":
        answer = run(insert, {"S": artist}, {"S": "x" * 5000}, **TOTAL)
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 5.0
    where = "artist = 'a' AND song = '1'"

    def units(statement: str, **options: Any) -> float:
        return float(run(statement, **TOTAL, **options)["ConsumedCapacity"]["CapacityUnits"])

    assert units(f"SELECT song FROM T WHERE {where}") == 1.0
    assert units(f"SELECT song FROM T WHERE {where}", ConsistentRead=True) == 2.0
    assert units("SELECT song FROM T WHERE artist IN ['a', 'b', 'c']") == 2.5
    assert units(f"UPDATE T SET n = 1 WHERE {where}") == 5.0
    assert units(f"DELETE FROM T WHERE {where}") == 5.0
    assert "ConsumedCapacity" not in run("SELECT * FROM T")
