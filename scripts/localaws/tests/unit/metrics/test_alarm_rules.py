"""The rules of composite alarms: syntax, precedence and limits."""

from __future__ import annotations

import pytest

from localaws.metrics.alarms.rule import InvalidRule, parse_rule

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:by-arn"
STATES = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA", "two words (a)": "ALARM", ARN: "ALARM"}


@pytest.mark.proves("composite alarm rules")
@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("ALARM(a)", True),
        ("OK(a)", False),
        ("OK( b )", True),
        ('INSUFFICIENT_DATA("c")', True),
        ('ALARM("two words (a)")', True),
        (f"ALARM({ARN})", True),
        (f'OK("{ARN}")', False),
        ("TRUE", True),
        ("false", False),
        ("NOT ALARM(b)", True),
        ("NOT NOT ALARM(b)", False),
        ("TRUE OR TRUE AND FALSE", True),
        ("(TRUE OR TRUE) AND FALSE", False),
        ("NOT FALSE AND FALSE", False),
        ("NOT (FALSE AND FALSE)", True),
        ("FALSE AND FALSE OR TRUE", True),
        ("(ALARM(a) OR ALARM(b))AND\n OK(b)", True),
        ("ALARM(nobody) OR OK(nobody) OR INSUFFICIENT_DATA(nobody)", False),
    ],
)
def test_a_rule_combines_the_states_of_alarms(rule: str, holds: bool) -> None:
    assert parse_rule(rule).holds(STATES.get) is holds


def test_the_children_of_a_rule_are_its_alarms_once_each() -> None:
    assert parse_rule('ALARM(b) OR (OK("a") AND NOT ALARM("b"))').children == ("b", "a")


@pytest.mark.proves("composite alarm rules")
@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("  ", "unexpected"),
        ("ALARM AND", "unexpected 'ALARM AND'"),
        ("ALARM()", "unexpected"),
        ("ALARM(a) AND", "lacks an operand"),
        ("AND ALARM(a)", "lacks an operand"),
        ("NOT", "lacks an operand"),
        ("()", "lacks an operand"),
        ("ALARM(a) ALARM(b)", "operator is missing"),
        ("ALARM(a) NOT ALARM(b)", "operator is missing"),
        ("(ALARM(a)", "isn't closed"),
        ("ALARM(a))", "isn't open"),
        ("ALARM(a) XOR ALARM(b)", "unexpected 'XOR"),
        ("alarm(a)", "unexpected 'alarm"),
        ("TRUEOR FALSE", "unexpected 'TRUEOR"),
        (" OR ".join(["TRUE"] * 501), "500 elements"),
        (" OR ".join(f"OK(a{number})" for number in range(101)), "100 alarms"),
    ],
)
def test_an_invalid_rule_is_refused_with_the_reason(rule: str, problem: str) -> None:
    with pytest.raises(InvalidRule, match=problem):
        parse_rule(rule)


def test_a_deeply_nested_rule_is_evaluated() -> None:
    assert parse_rule("NOT (" * 249 + "TRUE" + ")" * 249).holds(STATES.get) is False
    assert parse_rule("NOT " * 2500 + "TRUE").holds(STATES.get) is True
