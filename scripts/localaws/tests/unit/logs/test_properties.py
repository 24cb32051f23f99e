"""Properties of any query, any pattern and any log."""

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.logs.errors import MalformedPattern, MalformedQuery
from localaws.logs.insights.compiler import compile_query
from localaws.logs.insights.events import Event
from localaws.logs.insights.parser import parse
from localaws.logs.insights.query import run_query
from localaws.logs.patterns import compile_pattern

QUERY_PIECES = [
    "fields", "display", "filter", "parse", "stats", "sort", "limit", "dedup", "as", "by", "and",
    "or", "not", "like", "in", "asc", "desc", "|", ",", "(", ")", "[", "]", "=", "!=", "<", ">=",
    "=~", "+", "-", "*", "/", "%", "^", "@timestamp", "@message", "a", "a.b", "`c d`",
    "count(*)", "avg(", "pct(", "bin(", "strlen(", "5", "5m", "1.5", '"x*"', "'y'", "/z/",
    "/(?<g>z)/", "#", "\n",
]  # fmt: skip
COMMANDS = [
    "fields a, b.c as d", "fields strlen(a) as n, n + 1", "fields jsonParse(@message) as j", "display a, d, j.a",
    "filter a >= 1", "filter d like /x/ or not n = 1", "filter j.b.c = 'x'", "parse @message '*:*' as d, e",
    "parse d /(?<n>.)/", "sort a desc, d", "sort n", "sort count(*)", "limit 2", "dedup a", "dedup d, n",
    "stats count(*) by a", "stats count(*), avg(n) as n, n * 2 as d by d, bin(5m)", "stats max(a) as a, pct(n, 9)",
    "stats earliest(a) as n, sortsLast(d) as d by isPresent(a) as a", "stats sum(n) / count(n) by a",
]  # fmt: skip
PATTERN_PIECES = [
    "{", "}", "[", "]", "(", ")", "$.a", "$.b[0]", "$.*", "=", "!=", ">", "&&", "||", "IS", "NOT",
    "EXISTS", "NULL", "TRUE", "1", "-2.5", "x*", '"y z"', "%r+%", "...", ",", "?", "-", "w",
    "a1",
]  # fmt: skip
values = st.lists(st.one_of(st.none(), st.integers(-1000, 1000), st.sampled_from(["x", "", "7", "1e2"])), max_size=20)


def log(messages: list[str]) -> list[Event]:
    return [Event(place, message, "s", "1:g", place, str(place)) for place, message in enumerate(messages)]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(QUERY_PIECES), max_size=12).map(" ".join))
def test_any_text_is_a_query_or_is_refused_at_a_place_inside_it(text: str) -> None:
    start = end = 0
    try:
        compile_query(parse(text), now=0)
    except MalformedQuery as error:
        start, end = error.start, error.end
    assert 0 <= start <= end <= len(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(COMMANDS), min_size=1, max_size=5).map(" | ".join))
def test_a_pipeline_runs_or_is_refused_before_it_runs(text: str) -> None:
    try:
        program = compile_query(parse(text), now=0)
    except MalformedQuery:
        return
    answer = run_query(text, log(['{"a": 1, "b": {"c": "x"}}', "x", '{"a": "y"}']), now=0)
    assert all(name in program.columns for row in answer.rows for name, _ in row)


@settings(max_examples=60, deadline=None)
@given(values)
def test_aggregates_are_those_of_the_numbers_in_the_log(given_values: list[object]) -> None:
    events = log([json.dumps({"v": value}) for value in given_values])
    [row] = run_query(
        "stats count(*) as n, count(v) as present, sum(v) as total, max(v * 1) as top", events, now=0
    ).rows
    answer = dict(row)
    numbers = [float(str(value)) for value in given_values if value not in (None, "x", "")]
    assert answer["n"] == str(len(given_values))
    assert answer["present"] == str(sum(value is not None for value in given_values))
    assert ("total" in answer) == ("top" in answer) == bool(numbers)
    if numbers:
        assert math.isclose(float(answer["total"]), sum(numbers), abs_tol=1e-4)
        assert float(answer["top"]) == max(numbers)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20))
def test_any_text_matches_itself(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    events = log([json.dumps({"v": text}), "other"])
    assert len(run_query(f"filter v = {quoted} and v like {quoted} and v in [{quoted}]", events, now=0).rows) == 1


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PATTERN_PIECES), max_size=10).map(" ".join), st.sampled_from(['{"a":[1]}', "a b", ""]))
def test_any_text_is_a_pattern_or_is_refused(text: str, message: str) -> None:
    try:
        assert compile_pattern(text)(message) in (True, False)
    except MalformedPattern as error:
        assert str(error)
