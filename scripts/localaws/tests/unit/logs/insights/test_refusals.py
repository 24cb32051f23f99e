"""Invalid and unsupported queries: each refusal has the cause and the position."""

import pytest

from localaws.logs.errors import MalformedQuery
from localaws_testing.insights.sample import ask


@pytest.mark.parametrize(
    ("query", "named", "place"),
    [
        ("fields a | pattern @message", "'pattern'", "pattern"),
        ("fields a | diff", "'diff'", "diff"),
        ("fields a | unnest b into c", "jsonParse()", "b"),
        ("fields jsonParse(a) as b | unnest b", "'into'", ""),
        ("SOURCE logGroups() | fields a", "'SOURCE'", "SOURCE"),
        ("fetch a", "'fetch'", "fetch"),
        ("fields a |", "end of the query", ""),
        ("fields a, | limit 1", "'|'", "|"),
        ("fields frobnicate(a)", "frobnicate()", "frobnicate(a)"),
        ("stats p99(a)", "p99()", "p99(a)"),
        ("fields strlen()", "strlen()", "strlen()"),
        ("fields substr(a)", "substr()", "substr(a)"),
        ("fields count(*)", "count(*)", "count(*)"),
        ("filter sum(a) > 1", "sum(a)", "sum(a)"),
        ("stats avg(max(a))", "max(a)", "max(a)"),
        ("stats avg(*)", "avg()", "avg(*)"),
        ("stats pct(a)", "pct()", "pct(a)"),
        ("stats pct(a, 101)", "percentage", "101"),
        ("stats a by b", "'a'", "a"),
        ("stats count(*) by b | sort c", "'c'", "c"),
        ("stats count(*) as n | stats latest(n)", "latest()", "latest(n)"),
        ("stats count(*) | filter bin(5m) > 0", "@timestamp", "bin(5m)"),
        ("fields bin(300s)", "at most 60 of 's'", "300s"),
        ("fields bin(1001ms)", "at most 1000 of 'ms'", "1001ms"),
        ("fields bin(5parsecs)", "'parsecs'", "5parsecs"),
        ("fields bin('5m')", "period", "'5m'"),
        ("filter a", "condition", "a"),
        ("filter a like b", "like needs", "b"),
        ("filter a in (1, 2)", "square brackets", "("),
        ("filter a = /x/", "regular expression", "/x/"),
        ("filter a like /x(/", "regular expression", "/x(/"),
        ("filter a like /(?=x)/", "regular expression", "/(?=x)/"),
        ("filter a like /x/g", "'g'", "g"),
        ("filter a = 'x", "string isn't closed", "'x"),
        ("filter a like /x", "regular expression isn't closed", "/x"),
        ("fields `a", "field name isn't closed", "`a"),
        ("fields a ! b", "'!'", "!"),
        ("filter @timestamp > '2026-11-23'", "milliseconds", "'2026-11-23'"),
        ("limit 0", "limit", "0"),
        ("limit 100001", "limit", "100001"),
        ("limit 1.5", "limit", "1.5"),
        ("limit 5 | stats count(*)", "stats after limit", "stats count(*)"),
        ("dedup a | sort b", "not sort", "sort b"),
        ("parse @message 'a*b*' as x", "2 wildcards", "'a*b*'"),
        ("parse @message 'ab'", "0 wildcards", "'ab'"),
        ("parse @message /(x)/", "named groups", "/(x)/"),
        ("parse @message /(?<a>x)/ as b", "without 'as'", "/(?<a>x)/"),
        ("parse @message /(?<a>x/", "regular expression is invalid", "/(?<a>x/"),
        ("parse @message", "parse needs", ""),
        ("fields 5m", "period", "5m"),
        ("fields a as 1", "field name", "1"),
    ],
)
def test_a_refusal_has_the_cause_and_the_position(query: str, named: str, place: str) -> None:
    with pytest.raises(MalformedQuery) as caught:
        ask(query)
    assert named in caught.value.message
    assert query[caught.value.start : caught.value.end] == place
    assert str(caught.value).endswith(f"(at character {caught.value.start + 1})")
