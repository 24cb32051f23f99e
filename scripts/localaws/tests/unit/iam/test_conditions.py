"""The Condition block: operators, several keys and values, and keys that a request doesn't have."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.policies import allow, allows, when


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        pytest.param("StringEquals", "a", "a", True, marks=pytest.mark.proves("iam StringEquals")),
        pytest.param("StringEquals", "a*", "ab", False, marks=pytest.mark.proves("iam StringEquals")),
        pytest.param("StringEquals", "a", "A", False, marks=pytest.mark.proves("iam StringEquals")),
        pytest.param("StringNotEquals", "a", "b", True, marks=pytest.mark.proves("iam StringNotEquals")),
        pytest.param("StringNotEquals", "a", "a", False, marks=pytest.mark.proves("iam StringNotEquals")),
        pytest.param("StringEqualsIgnoreCase", "a", "A", True, marks=pytest.mark.proves("iam StringEqualsIgnoreCase")),
        pytest.param(
            "StringNotEqualsIgnoreCase", "a", "A", False, marks=pytest.mark.proves("iam StringEqualsIgnoreCase")
        ),
        pytest.param("StringLike", "a*c?", "abbcd", True, marks=pytest.mark.proves("iam StringLike")),
        pytest.param("StringLike", "a.c", "abc", False, marks=pytest.mark.proves("iam StringLike")),
        pytest.param("StringNotLike", "a*", "ab", False, marks=pytest.mark.proves("iam StringNotLike")),
        pytest.param("NumericLessThan", "10", "9", True, marks=pytest.mark.proves("iam Numeric")),
        pytest.param("NumericLessThan", 10, "10", False, marks=pytest.mark.proves("iam Numeric")),
        pytest.param("NumericLessThanEquals", 10, "10.0", True, marks=pytest.mark.proves("iam Numeric")),
        pytest.param("NumericGreaterThan", "9", "10", True, marks=pytest.mark.proves("iam Numeric")),
        pytest.param("NumericGreaterThanEquals", "10", "9", False, marks=pytest.mark.proves("iam Numeric")),
        pytest.param("NumericEquals", "1", "1.0", True, marks=pytest.mark.proves("iam Numeric")),
        pytest.param("NumericNotEquals", "1", "2", True, marks=pytest.mark.proves("iam Numeric")),
        pytest.param("NumericEquals", "1", "one", False, marks=pytest.mark.proves("iam Numeric")),
        pytest.param(
            "DateLessThan", "2026-12-01T00:00:00Z", "2026-11-29T10:00:00Z", True, marks=pytest.mark.proves("iam Date")
        ),
        pytest.param(
            "DateGreaterThan", "1795946400", "2026-11-29T10:00:01Z", True, marks=pytest.mark.proves("iam Date")
        ),
        pytest.param(
            "DateEquals",
            "2026-11-29T11:00:00+01:00",
            "2026-11-29T10:00:00Z",
            True,
            marks=pytest.mark.proves("iam Date"),
        ),
        pytest.param(
            "DateNotEquals", "2026-11-29", "2026-11-29T00:00:00Z", False, marks=pytest.mark.proves("iam Date")
        ),
        pytest.param("DateLessThanEquals", "2026-11-29", "2026-11-29", True, marks=pytest.mark.proves("iam Date")),
        pytest.param("DateGreaterThanEquals", "2026-11-29", "2026-11-28", False, marks=pytest.mark.proves("iam Date")),
        pytest.param("Bool", "true", "true", True, marks=pytest.mark.proves("iam Bool")),
        pytest.param("Bool", False, "true", False, marks=pytest.mark.proves("iam Bool")),
        pytest.param("BinaryEquals", "YQ==", "YQ==", True, marks=pytest.mark.proves("iam BinaryEquals")),
        pytest.param("BinaryEquals", "YQ==", "Yg==", False, marks=pytest.mark.proves("iam BinaryEquals")),
        pytest.param("IpAddress", "10.0.0.0/8", "10.1.2.3", True, marks=pytest.mark.proves("iam IpAddress")),
        pytest.param("IpAddress", "10.0.0.1", "10.0.0.2", False, marks=pytest.mark.proves("iam IpAddress")),
        pytest.param("IpAddress", "2001:db8::/32", "2001:db8::1", True, marks=pytest.mark.proves("iam IpAddress")),
        pytest.param("NotIpAddress", "10.0.0.0/8", "11.0.0.1", True, marks=pytest.mark.proves("iam IpAddress")),
        pytest.param(
            "ArnLike", "arn:aws:sns:*:*:t*", "arn:aws:sns:us-east-1:1:top", True, marks=pytest.mark.proves("iam Arn")
        ),
        pytest.param(
            "ArnEquals", "arn:aws:sns:*", "arn:aws:sns:us-east-1:1:top", False, marks=pytest.mark.proves("iam Arn")
        ),
        pytest.param("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", True, marks=pytest.mark.proves("iam Arn")),
        pytest.param(
            "ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", False, marks=pytest.mark.proves("iam Arn")
        ),
    ],
)
def test_an_operator_compares(operator: str, wanted: Any, given: str, *, expected: bool) -> None:
    assert allows(when(operator, "aws:Key", wanted), aws__Key=given) is expected


@pytest.mark.proves("iam keys ignore case")
def test_the_names_of_keys_have_no_case() -> None:
    assert allows(when("StringEquals", "AWS:sourcearn", "a"), aws__SourceArn="a")


@pytest.mark.proves("iam several values")
def test_one_of_the_values_is_enough_and_none_may_match_a_negated_operator() -> None:
    assert allows(when("StringEquals", "aws:Key", "a", "b"), aws__Key="b")
    assert not allows(when("StringNotEquals", "aws:Key", "a", "b"), aws__Key="b")
    assert allows(when("StringNotEquals", "aws:Key", "a", "b"), aws__Key="c")


@pytest.mark.proves("iam several conditions")
def test_all_operators_and_keys_must_hold() -> None:
    both = allow(
        "*", Condition={"StringEquals": {"aws:One": "1", "aws:Two": "2"}, "NumericLessThan": {"aws:Three": "3"}}
    )
    assert allows(both, aws__One="1", aws__Two="2", aws__Three="2")
    assert not allows(both, aws__One="1", aws__Two="2", aws__Three="4")
    assert not allows(both, aws__One="1", aws__Two="3", aws__Three="2")


@pytest.mark.proves("iam missing keys")
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("NumericLessThan", False),
        ("Bool", False),
        ("StringNotEquals", True),
        ("ArnNotLike", True),
    ],
)
def test_a_key_that_isnt_there_matches_nothing(operator: str, *, expected: bool) -> None:
    assert allows(when(operator, "aws:Key", "1")) is expected


@pytest.mark.proves("iam IfExists")
def test_if_exists_lets_a_request_without_the_key_pass() -> None:
    assert allows(when("StringEqualsIfExists", "aws:Key", "a"))
    assert allows(when("StringEqualsIfExists", "aws:Key", "a"), aws__Key="a")
    assert not allows(when("StringEqualsIfExists", "aws:Key", "a"), aws__Key="b")


@pytest.mark.proves("iam Null")
def test_null_asks_whether_a_key_is_missing() -> None:
    assert allows(when("Null", "aws:Key", "true"))
    assert not allows(when("Null", "aws:Key", "true"), aws__Key="a")
    assert allows(when("Null", "aws:Key", False), aws__Key="a")
    assert not allows(when("Null", "aws:Key", "false"))


@pytest.mark.proves("iam ForAllValues")
def test_for_all_values_each_value_of_the_request_must_match() -> None:
    only = when("ForAllValues:StringEquals", "aws:TagKeys", "a", "b")
    assert allows(only, aws__TagKeys=("a", "b"))
    assert not allows(only, aws__TagKeys=("a", "c"))
    assert allows(only), "of no values all match"


@pytest.mark.proves("iam ForAnyValue")
def test_for_any_value_one_value_of_the_request_must_match() -> None:
    one = when("ForAnyValue:StringEquals", "aws:TagKeys", "a", "b")
    assert allows(one, aws__TagKeys=("c", "b"))
    assert not allows(one, aws__TagKeys=("c",))
    assert not allows(one)
    other = when("ForAnyValue:StringNotEquals", "aws:TagKeys", "a")
    assert allows(other, aws__TagKeys=("a", "c"))
    assert not allows(other, aws__TagKeys=("a",))


@pytest.mark.proves("iam variables in conditions")
def test_values_of_conditions_have_variables() -> None:
    own = when("StringLike", "s3:prefix", "home/${aws:username}/*")
    assert allows(own, aws__username="ann", s3__prefix="home/ann/x")
    assert not allows(own, aws__username="ann", s3__prefix="home/bob/x")
    same = when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}")
    assert allows(same, **{"aws__ResourceTag/team": "red", "aws__PrincipalTag/team": "red"})
    assert not allows(same, **{"aws__ResourceTag/team": "red"})
