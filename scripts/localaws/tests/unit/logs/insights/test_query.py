"""What queries answer, against answers worked out by hand from the sample log."""

import pytest

from localaws.logs.insights.query import run_query
from localaws_testing.insights.sample import EVENTS, LINES, NOW, REQUEST, ask

VERSIONS = "filter ispresent(model_version) | "


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("fields model | filter level = 'ERROR'", [{"model": "diagnosis"}]),
        ("fields latency | filter latency > 6 | sort latency", [{"latency": "9.5"}, {"latency": "250.5"}]),
        ("fields latency | filter latency >= 6 and latency <= 9.5", [{"latency": "9.5"}, {"latency": "6"}]),
        ("fields latency | filter model_version = 1 and not cold = 1", [{"latency": "6"}]),
        ("fields latency | filter cold = 1 or model = 'recommender'", [{"latency": "9.5"}, {"latency": "4"}]),
        ("fields latency | filter (latency < 5 or latency > 200) and cold = 0", [{"latency": "250.5"}]),
        ("fields latency | filter model_version in [2, 10]", [{"latency": "9.5"}, {"latency": "250.5"}]),
        ('fields latency | filter model not in ["diagnosis"] and ispresent(model)', [{"latency": "9.5"}]),
        ('fields latency | filter model like "omm"', [{"latency": "9.5"}]),
        ("fields latency | filter model like /^rec.*r$/", [{"latency": "9.5"}]),
        ("fields latency | filter model =~ /(?i)^REC/", [{"latency": "9.5"}]),
        ("fields latency | filter model like /^REC/", []),
        ("fields latency | filter model not like /diag/ and latency > 0", [{"latency": "9.5"}]),
        ("fields latency | filter latency * 2 - 1 = 11", [{"latency": "6"}]),
        ("fields latency | filter latency / 0 > 1", []),
        ("fields latency | filter level < 'F'", [{"latency": "250.5"}]),
        ('fields latency | filter model_version = "10"', [{"latency": "9.5"}]),
        ("fields level | filter level != 'INFO' and ispresent(level)", [{"level": "ERROR"}]),
        ("filter latency > 5 # a comment | limit 1\n| stats count(*) as n", [{"n": "3"}]),
        (f"fields @type | filter @requestId = '{REQUEST}'", [{"@type": "REPORT"}, {}, {"@type": "START"}]),
        ("fields @message | filter @logStream = 'web-1'", [{"@message": LINES[7][2]}]),
        ("fields @timestamp, @ingestionTime | filter @log like /web$/", [
            {"@timestamp": "2026-11-23 10:07:30.000", "@ingestionTime": "2026-11-23 10:07:30.007"}
        ]),
        ("fields latency | filter @timestamp < 1795428060000 and latency > 0", [{"latency": "4"}]),
        ("limit 1", [{"@timestamp": "2026-11-23 10:07:30.000", "@message": LINES[7][2]}]),
    ],
)  # fmt: skip
def test_filter_keeps_what_satisfies_it(query: str, rows: list[dict[str, str]]) -> None:
    assert ask(query) == rows


def test_a_missing_field_differs_from_any_value_and_compares_with_none() -> None:
    assert len(ask("filter level != 'INFO'")) == 5
    assert len(ask("filter not (level = 'INFO')")) == 5
    assert ask("filter nothing = nothing") == []
    assert ask("filter nothing < 1 or nothing >= 1") == []


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("fields user.name, user.tags.1 | filter user.tags.0 = 'a'", [{"user.name": "ann", "user.tags.1": "b"}]),
        ("fields x.y, `foo-bar`, error.http.status | filter latency > 100", [
            {"x.y": "dotted", "foo-bar": "hyphen", "error.http.status": "504"}
        ]),
        ("fields retry, error, nothing, model_version | filter latency > 100", [{"model_version": "2"}]),
        ("fields cold | filter ispresent(cold) | sort cold", [{"cold": "0"}, {"cold": "0"}, {"cold": "1"}]),
        ("fields @@timestamp | filter ispresent(@@timestamp)", [{"@@timestamp": "of its own"}]),
        ("fields step.n | filter ispresent(step.n)", [{"step.n": "3"}]),
        ("fields level | filter @log like /web/", [{}]),
        ("fields latency as ms, ms * 1000 as us | filter ms = 4 | display us, ms", [{"us": "4000", "ms": "4"}]),
        ("fields latency | fields level | filter latency = 4", [{"latency": "4", "level": "INFO"}]),
        ("fields latency | display level | filter latency = 4", [{"level": "INFO"}]),
        ("fields latency + 1 | filter latency = 4", [{"latency + 1": "5"}]),
        ("fields (latency + 1) * 2 | filter latency = 4", [{"(latency + 1) * 2": "10"}]),
        ("fields jsonParse(@message) as j | filter latency = 4 | display j.user.tags.0, j.cold", [
            {"j.user.tags.0": "a", "j.cold": "1"}
        ]),
        ("filter @type = 'REPORT' | display @duration, @billedDuration, @initDuration, @memorySize, @maxMemoryUsed", [
            {"@duration": "12.34", "@billedDuration": "13.0", "@initDuration": "99.1",
             "@memorySize": "1.28E8", "@maxMemoryUsed": "8.1E7"}
        ]),
    ],
)  # fmt: skip
def test_fields_are_discovered_computed_and_displayed(query: str, rows: list[dict[str, str]]) -> None:
    assert ask(query) == rows


@pytest.mark.proves(
    "insights avg()",
    "insights count()",
    "insights count_distinct()",
    "insights earliest()",
    "insights latest()",
    "insights max()",
    "insights median()",
    "insights min()",
    "insights pct()",
    "insights percentile()",
    "insights sortsfirst()",
    "insights sortslast()",
    "insights stddev()",
    "insights sum()",
    "insights bin()",
)
@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("stats count(*)", [{"count(*)": "8"}]),
        ("stats count() as n, count(latency), count_distinct(model)", [
            {"n": "8", "count(latency)": "4", "count_distinct(model)": "2"}
        ]),
        ("stats sum(latency), avg(latency), min(latency), max(latency), median(latency)", [
            {"sum(latency)": "270", "avg(latency)": "67.5", "min(latency)": "4", "max(latency)": "250.5",
             "median(latency)": "7.75"}
        ]),
        ("stats pct(latency, 50) as p50, percentile(latency, 100) as p100, stddev(latency) as s", [
            {"p50": "7.75", "p100": "250.5", "s": "122.0212"}
        ]),
        ("stats earliest(level), latest(level), sortsFirst(model), sortsLast(model_version)", [
            {"earliest(level)": "INFO", "latest(level)": "INFO", "sortsFirst(model)": "diagnosis",
             "sortsLast(model_version)": "10"}
        ]),
        ("stats min(model), max(@timestamp)", [
            {"min(model)": "diagnosis", "max(@timestamp)": "2026-11-23 10:07:30.000"}
        ]),
        (VERSIONS + "stats count(*) by model_version", [
            {"model_version": "1", "count(*)": "2"}, {"model_version": "2", "count(*)": "1"},
            {"model_version": "10", "count(*)": "1"},
        ]),
        ("stats count(*) as n by bin(5m)", [
            {"bin(5m)": "2026-11-23 10:00:00.000", "n": "3"}, {"bin(5m)": "2026-11-23 10:05:00.000", "n": "5"}
        ]),
        ("stats avg(latency) as mean by bin(1h) as hour", [{"hour": "2026-11-23 10:00:00.000", "mean": "67.5"}]),
        ("stats count(*) as n by level, user.name | sort n desc, user.name | limit 2", [
            {"n": "4"}, {"level": "INFO", "user.name": "ann", "n": "2"}
        ]),
        ("stats count(*) by level | sort count(*) desc | limit 1", [{"count(*)": "4"}]),
        ("stats sum(latency) / count(latency) as mean, mean * 2 as twice", [{"mean": "67.5", "twice": "135"}]),
        ("stats count(*) as n by level | filter n = 1", [{"level": "ERROR", "n": "1"}]),
        ("stats count(*) as n by level | stats max(n) as most, sum(n) as all", [{"most": "4", "all": "8"}]),
        (VERSIONS + "stats max(latency) - min(latency) as spread by model", [
            {"model": "diagnosis", "spread": "246.5"}, {"model": "recommender", "spread": "0"}
        ]),
        ("filter level = 'none' | stats count(*) as n, avg(latency)", [{"n": "0"}]),
        ("stats avg(latency) by strlen(level) as size | sort size", [
            {"size": "4", "avg(latency)": "6.5"}, {"size": "5", "avg(latency)": "250.5"}, {}
        ]),
    ],
)  # fmt: skip
def test_stats_aggregate(query: str, rows: list[dict[str, str]]) -> None:
    assert ask(query) == rows


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ('parse @message "user=*, method:*, latency := * " as who, how, ms | display who, how, ms | filter ms = 42', [
            {"who": "cat", "how": "GET", "ms": "42"}
        ]),
        ("parse @message /user=(?<who>.*?), method:(?<how>[A-Z]+)/ | filter how = 'GET' | stats count(*) by who", [
            {"who": "cat", "count(*)": "1"}
        ]),
        ("parse @message /(user)=(?<who>[a-z]+)/ | filter ispresent(who) | display who", [{"who": "cat"}]),
        ("parse user.name /^(?<initial>.)/ | filter initial = 'b' | display initial, latency", [
            {"initial": "b", "latency": "6"}
        ]),
        ('parse "GET * " as path | filter ispresent(path) | display path', [{"path": "/index"}]),
        ('parse "GET * *" as path, rest | filter path like "/" | fields rest | display rest, path', [
            {"rest": '404 {"level": "no Lambda log"}', "path": "/index"}
        ]),
        ("parse @message '* GET' as ip | filter isValidIp(ip) | fields @log", [
            {"@log": "123456789012:web", "ip": "192.168.1.1"}
        ]),
    ],
)  # fmt: skip
def test_parse_extracts_fields(query: str, rows: list[dict[str, str]]) -> None:
    assert ask(query) == rows


def test_events_come_newest_first_unless_sorted() -> None:
    assert [row["latency"] for row in ask(VERSIONS + "fields latency")] == ["9.5", "250.5", "6", "4"]
    assert [row["latency"] for row in ask(VERSIONS + "fields latency | sort @timestamp asc")] == [
        "4",
        "6",
        "250.5",
        "9.5",
    ]


def test_sorting_is_natural_with_strings_before_numbers_and_missing_values_last() -> None:
    query = "fields coalesce(model_version, @type) as v | display v | sort v"
    assert [row.get("v") for row in ask(query)] == ["REPORT", "START", "1", "1", "2", "10", None, None]
    descending = [row.get("v") for row in ask(query + " desc")]
    assert descending == ["10", "2", "1", "1", "START", "REPORT", None, None]


def test_digits_in_strings_sort_by_value() -> None:
    query = "fields concat('v', model_version, '-', level) as v | filter ispresent(model_version) | display v | sort v"
    assert [row["v"] for row in ask(query)] == ["v1-INFO", "v1-INFO", "v2-ERROR", "v10-INFO"]


def test_dedup_keeps_the_first_in_order_and_every_event_without_the_field() -> None:
    assert [row["latency"] for row in ask(VERSIONS + "fields latency | dedup model")] == ["9.5", "250.5"]
    assert [row["latency"] for row in ask(VERSIONS + "fields latency | sort latency | dedup model, level")] == [
        "4", "9.5", "250.5",
    ]  # fmt: skip
    assert len(ask("fields model | dedup model")) == 6


def test_rows_have_pointers_to_their_events_and_aggregates_do_not() -> None:
    assert run_query("filter latency = 4", EVENTS, NOW).rows[0][-1] == ("@ptr", "p1")
    assert run_query("stats count(*)", EVENTS, NOW).rows == [[("count(*)", "8")]]


def test_scanned_and_matched_events_are_counted() -> None:
    answer = run_query("filter level = 'INFO' | stats count(*) as n | filter n > 100", EVENTS, NOW)
    size = sum(len(message.encode()) for _, _, message in LINES)
    assert (answer.rows, answer.matched, answer.scanned, answer.bytes_scanned) == ([], 3, 8, size)
    limited = run_query("fields @message | limit 2", EVENTS, NOW)
    assert (len(limited.rows), limited.matched) == (2, 8)


def test_no_events_give_no_rows_but_a_count() -> None:
    assert run_query("filter a.b = 1 and c like /x/ | parse 'a*' as d", [], NOW).rows == []
    assert run_query("stats count(*) as n, max(a)", [], NOW).rows == [[("n", "0")]]


def test_a_limit_from_outside_caps_the_limit_of_the_query() -> None:
    assert len(run_query("fields @message | limit 5", EVENTS, NOW, limit=2).rows) == 2
