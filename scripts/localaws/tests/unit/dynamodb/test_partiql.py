"""Statements of PartiQL: how they're parsed, and the requests that they become."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.dynamodb import syntax
from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.partiql.expressions import Expressions
from localaws.dynamodb.partiql.paging import Position, position_of, token_of
from localaws.dynamodb.partiql.parser import parse
from localaws.dynamodb.partiql.statements import Delete, Exists, Insert, Returning, Select, Update, label
from localaws.dynamodb.syntax import Call, Path, Placeholder


def condition(where: str, *parameters: Any) -> tuple[str, dict[str, Any]]:
    """The expression of a WHERE clause, its placeholders of names replaced, and its values."""
    select = parse(f"SELECT * FROM t WHERE {where}", parameters)
    assert isinstance(select, Select)
    assert select.where is not None
    expressions = Expressions(select.values)
    text = expressions.condition(select.where)
    for placeholder, name in expressions.parameters.get("ExpressionAttributeNames", {}).items():
        text = text.replace(placeholder, name)
    return text, expressions.parameters.get("ExpressionAttributeValues", {})


def test_a_select_has_paths_a_source_a_condition_and_an_order() -> None:
    found = parse("""select a, "b"."c d"[2]['e'] from "t-1"."by-n" where n = ? order by n desc, a""", [{"N": "1"}])

    assert found == Select(
        table="t-1",
        index="by-n",
        paths=(Path(("a",)), Path(("b", "c d", 2, "e"))),
        where=Call("=", (Path(("n",)), Placeholder(":v0"))),
        order={"n": True, "a": False},
        values={":v0": {"N": "1"}},
    )


def test_comments_line_breaks_and_a_semicolon_are_no_part_of_a_statement() -> None:
    found = parse("SELECT * -- all of it\nFROM/* the\ntable */t;", [])

    assert found == Select("t", None, (), None, {}, {})


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("'it''s -- \"so\"'", {"S": 'it\'s -- "so"'}),
        ("''", {"S": ""}),
        ("12", {"N": "12"}),
        ("-1.50e2", {"N": "-150"}),
        (".5", {"N": "0.5"}),
        ("TRUE", {"BOOL": True}),
        ("null", {"NULL": True}),
        ("[]", {"L": []}),
        ("{'a': [1, {'b': ?}]}", {"M": {"a": {"L": [{"N": "1"}, {"M": {"b": {"B": b"x"}}}]}}}),
        ("<<1, 2>>", {"NS": ["1", "2"]}),
        ("<<?>>", {"BS": [b"x"]}),
    ],
)
def test_literals_become_attribute_values(literal: str, value: Any) -> None:
    found = parse(f"INSERT INTO t VALUE {{'k': {literal}}}", [{"B": b"x"}] * literal.count("?"))

    assert found == Insert("t", {"k": value})


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("a=1 OR b=2 AND NOT c=3", "(a = :v0) OR ((b = :v1) AND (NOT (c = :v2)))"),
        ("(a = 1 OR b = 2) AND c != 3", "((a = :v0) OR (b = :v1)) AND (c <> :v2)"),
        ("a BETWEEN 1 AND 2 AND b = 3", "(a BETWEEN :v0 AND :v1) AND (b = :v2)"),
        ("a NOT IN [1, 2]", "NOT (a IN (:v0, :v1))"),
        ("a.b[0] IN (1)", "a.b[0] IN (:v0)"),
        ("a IS MISSING OR a IS NOT MISSING", "(attribute_not_exists(a)) OR (attribute_exists(a))"),
        ("SIZE(a) >= 1", "size(a) >= :v0"),
        ("Begins_With(\"date\", 'x')", "begins_with(date, :v0)"),
        ("a < b", "a < b"),
    ],
)
def test_a_condition_becomes_an_expression(where: str, text: str) -> None:
    assert condition(where)[0] == text


def test_types_are_tested_by_their_names() -> None:
    assert condition("a IS NOT STRUCT") == ("NOT (attribute_type(a, :v0))", {":v0": {"S": "M"}})


def test_an_update_becomes_an_expression() -> None:
    found = parse(
        "UPDATE t SET a = b + 1, s = SET_ADD(s, <<'x'>>) SET l = list_append([1], l) REMOVE c, d[0] WHERE k = 'x' "
        "RETURNING MODIFIED NEW *",
        [],
    )

    assert isinstance(found, Update)
    assert found.returning == Returning("MODIFIED", "NEW")
    assert found.changes == syntax.Update(
        {
            "SET": [
                (Path(("a",)), Call("+", (Path(("b",)), Placeholder(":v0")))),
                (Path(("l",)), Call("list_append", (Placeholder(":v2"), Path(("l",))))),
            ],
            "ADD": [(Path(("s",)), Placeholder(":v1"))],
            "REMOVE": [(Path(("c",)), None), (Path(("d", 0)), None)],
        }
    )
    assert Expressions(found.values).update(found.changes) == (
        "SET #n0 = #n1 + :v0, #n2 = list_append(:v2, #n2) ADD #n3 :v1 REMOVE #n4, #n5[0]"
    )


def test_a_deletion_and_a_check_have_their_conditions() -> None:
    where = Call("=", (Path(("k",)), Placeholder(":v0")))
    values = {":v0": {"S": "x"}}

    assert parse("DELETE FROM t WHERE k = 'x' RETURNING ALL OLD *", []) == Delete(
        "t", where, Returning("ALL", "OLD"), values
    )
    assert parse("EXISTS (SELECT * FROM t WHERE k = 'x')", []) == Exists(Select("t", None, (), where, {}, values))


MALFORMED = "Statement wasn't well formed, can't be processed: "


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("", f"{MALFORMED}Expected data manipulation"),
        ("SELECT * FROM", f"{MALFORMED}Unexpected term"),
        ("SELECT * FROM t WHERE a = 1 # note", MALFORMED),
        ("SELECT * FROM t WHERE a = 'x", MALFORMED),
        ("SELECT * FROM t WHERE a = 1 /* note", MALFORMED),
        ("SELECT * FROM t WHERE a = `1`", "Ion Literals are not supported"),
        ("SELECT * FROM t WHERE a = 1 AND", f"{MALFORMED}Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE ORDER BY a", f"{MALFORMED}Unexpected keyword"),
        ("SELECT * FROM t WHERE a = MISSING", "MISSING must be compared using IS operator"),
        ("SELECT * FROM t WHERE a IS FOO", f"{MALFORMED}Expected type name"),
        ("SELECT * FROM t WHERE a", "WHERE clause must contain an expression that resolves to a boolean"),
        ("SELECT * FROM t WHERE a LIKE 'x'", "Unsupported operation: Like"),
        ("SELECT * FROM t WHERE upper(a) = 'x'", "Unrecognized function: upper"),
        ("SELECT * FROM t WHERE starts(a, 'x')", "Unrecognized function: starts"),
        ("SELECT * FROM t WHERE a = <<>>", "Empty bags are not supported"),
        ("SELECT * FROM t, u", "Only select from a single table or index is supported."),
        ("SELECT * FROM t.u.v", "A path may contain at most 2 components in the FROM clause"),
        ("SELECT a, b.a FROM t", "Duplicate identifiers in select clause: a"),
        ("SELECT *, a FROM t", "Other attributes should not be present in the projection when '*' is used."),
        ("SELECT a AS b FROM t", "Aliasing is not supported"),
        ("SELECT a.key FROM t", f"{MALFORMED}Invalid path dot component"),
        ("SELECT * FROM t GROUP BY a", "Unsupported clause: GROUP"),
        ("DELETE FROM WHERE a = 1", f"{MALFORMED}Expected identifier for simple path"),
        ("DELETE FROM t WHERE a = 1 ORDER BY a", f"{MALFORMED}Unexpected token after expression"),
        ("DELETE FROM t.i WHERE a = 1", "This operation is not supported on an index"),
        ("INSERT INTO t u VALUE {'a': 1}", f"{MALFORMED}Unexpected token after expression"),
        ("INSERT INTO t VALUES (1)", f"{MALFORMED}Unexpected keyword"),
        ("INSERT INTO t VALUE {'a': 1, 'a': 2}", "Duplicate keys in tuple. Key: a under root"),
        ("INSERT INTO t VALUE {'a': 1} RETURNING ALL OLD *", "RETURNING is not supported in INSERT"),
        ("UPDATE t SET s = set_add(s, 1) WHERE a = 1", "The second argument to SET_ADD must be a value with type SET"),
        ("FROM t WHERE a = 1 SET b = 1", "Local AWS doesn't support statements that begin with FROM"),
        ("SELECT * FROM t WHERE a = ?", "Number of parameters in request and statement don't match."),
        ("SELECT * FROM t WHERE " + "(" * 4000, "Local AWS doesn't support statements nested so deep"),
    ],
)
def test_what_is_no_statement_is_refused(statement: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(statement, [])

    assert caught.value.message == message


def test_parameters_that_no_statement_has_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="Number of parameters"):
        parse("SELECT * FROM t", [{"S": "x"}])


@pytest.mark.parametrize(
    ("steps", "expected"), [(("a",), "a"), (("a", "b"), "b"), (("a", 0), "a[0]"), (("a", 0, "b", 1, 2), "b[1][2]")]
)
def test_the_end_of_a_path_has_its_last_name(steps: tuple[str | int, ...], expected: str) -> None:
    assert label(Path(steps)) == expected


def test_a_token_has_the_position_and_belongs_to_its_statement() -> None:
    request = {"Statement": "SELECT * FROM t WHERE k = ?", "Parameters": [{"B": b"\x00"}]}
    position = Position(2, {"k": {"B": b"\xff"}, "n": {"N": "1"}})

    token = token_of(position, request)

    assert position_of({**request, "NextToken": token}) == position
    with pytest.raises(InvalidRequest, match="NextToken does not match request"):
        position_of({**request, "Parameters": [{"B": b"\x01"}], "NextToken": token})
    with pytest.raises(InvalidRequest, match="Invalid NextToken"):
        position_of({**request, "NextToken": "not a token"})
