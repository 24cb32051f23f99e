"""DynamoDB's expressions: what's parsed, and what's refused with which words."""

from __future__ import annotations

import pytest

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.parser import Parser
from localaws.dynamodb.syntax import Call, Path, Placeholder

NAMES = {"#s": "status", "#dotted": "a.b"}
VALUES = {":v": {"N": "1"}, ":w": {"S": "x"}}


@pytest.fixture
def parser() -> Parser:
    return Parser(NAMES, VALUES)


def test_a_path_has_names_and_positions(parser: Parser) -> None:
    assert parser.projection("ProjectionExpression", "a.b[2][0].c, #dotted , d_1") == [
        Path(("a", "b", 2, 0, "c")),
        Path(("a.b",)),
        Path(("d_1",)),
    ]


def test_not_binds_before_and_and_and_before_or(parser: Parser) -> None:
    found = parser.condition("FilterExpression", "a = :v OR NOT b = :v AND c = :v")

    a, b, c = (Call("=", (Path((name,)), Placeholder(":v"))) for name in "abc")
    assert found == Call("OR", (a, Call("AND", (Call("NOT", (b,)), c))))


@pytest.mark.parametrize(
    "text",
    [
        "(a = :v)",
        "size(a.b) > :v",
        "a BETWEEN :v AND :v and b in (:v, :w)",
        "NOT contains(a, :w) or attribute_not_exists(#s)",
        "begins_with(a, :w) AND attribute_type(b, :w)",
        ":v = a",
        "a<>:v",
        "(a = :v) AND ((b = :v) OR (c = :v))",
    ],
)
def test_conditions_are_parsed(parser: Parser, text: str) -> None:
    assert isinstance(parser.condition("ConditionExpression", text), Call)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The expression can not be empty;"),
        (" ", "The expression can not be empty;"),
        ("a = ", 'Syntax error; token: "<EOF>"'),
        ("a == :v", 'Syntax error; token: "="'),
        ("(a = :v", 'Syntax error; token: "<EOF>"'),
        ("a = :v b", 'Syntax error; token: "b"'),
        ("a = :v AND", 'Syntax error; token: "<EOF>"'),
        ("a in :v", 'Syntax error; token: ":v"'),
        ("a ! :v", 'Syntax error; token: "!"'),
        ("a BETWEEN :v OR :w", 'Syntax error; token: "OR"'),
        ("a[x] = :v", 'Syntax error; token: "x"'),
        ("a", 'Syntax error; token: "<EOF>"'),
        ("foo(a, :v)", "Invalid function name; function: foo"),
        ("attribute_exists(a, :v)", "Incorrect number of operands"),
        ("attribute_exists(:v)", "requires a document path"),
        ("a = :missing", "value used in expression is not defined; attribute value: :missing"),
        ("#missing = :v", "name used in the document path is not defined; attribute name: #missing"),
        ("status = :v", "reserved keyword: status"),
        ("a.Name = :v", "reserved keyword: Name"),
    ],
)
def test_a_bad_condition_is_refused_with_its_reason(parser: Parser, text: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parser.condition("FilterExpression", text)

    assert caught.value.message.startswith("Invalid FilterExpression: ")
    assert reason in caught.value.message


def test_an_update_has_its_sections(parser: Parser) -> None:
    text = "SET a = if_not_exists(a, :v) + :v, b[0] = list_append(:v, b) REMOVE c, #s ADD d :v delete e :w"

    update = parser.update("UpdateExpression", text)

    assert list(update.sections) == ["SET", "REMOVE", "ADD", "DELETE"]
    assert [path.steps for path in update.paths] == [("a",), ("b", 0), ("c",), ("status",), ("d",), ("e",)]
    assert parser.used_names == {"#s"}
    assert parser.used_values == {":v", ":w"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SET a = :v, a = :w", "Two document paths overlap"),
        ("SET a.b = :v REMOVE a", "Two document paths overlap"),
        ("SET a[0] = :v, a[0].b = :v", "Two document paths overlap"),
        ("SET a = :v SET b = :v", 'The "SET" section can only be used once'),
        ("SET a :v", "Syntax error"),
        ("ADD a b", "Syntax error"),
        ("REMOVE", "Syntax error"),
        ("a = :v", "Syntax error"),
        ("SET a = :v,", "Syntax error"),
    ],
)
def test_a_bad_update_is_refused_with_its_reason(parser: Parser, text: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        parser.update("UpdateExpression", text)


def test_two_positions_of_a_list_do_not_overlap(parser: Parser) -> None:
    assert len(parser.update("UpdateExpression", "SET a[0] = :v, a[1] = :v").paths) == 2


def test_overlapping_projections_are_refused(parser: Parser) -> None:
    with pytest.raises(InvalidRequest, match="path one: \\[m\\], path two: \\[m, x\\]"):
        parser.projection("ProjectionExpression", "m, m.x")
