"""Mapping templates, by the user guide of Velocity 1.7."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.vtl.errors import VtlError
from localaws.vtl.evaluate import render
from localaws.vtl.parser import parse
from localaws.vtl.paths import JsonPath, PathError


def rendered(template: str, **names: Any) -> str:
    return render(parse(template), names)[0]


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("plain text", "plain text"),
        ("$name ${name}s $!name", "Ada Adas Ada"),
        ("$missing|$!missing|${missing}|$missing.length()", "$missing||${missing}|$missing.length()"),
        ("costs $5 and #hash", "costs $5 and #hash"),
        (r"\$name", "$name"),
        ("a ## comment\nb", "a b"),
        ("a #* several\nlines *#b", "a b"),
        ("#[[ $name #if ]]#", " $name #if "),
        ('{"n": $list.size(), "first": "$list[0]", "last": $list.get(2)}', '{"n": 3, "first": "1", "last": 3}'),
        ("$map.b.c $map['a'] $map.get('a')", "deep 1 1"),
        ("$map.keySet() $list $truth $map.b", "[a, b] [1, 2, 3] true {c=deep}"),
        ("$name.toUpperCase() $name.substring(1) $name.replaceAll('d(.)', '[$1]')", "ADA da A[a]"),
    ],
)
def test_references_and_text(template: str, output: str) -> None:
    names = {"name": "Ada", "list": [1, 2, 3], "map": {"a": 1, "b": {"c": "deep"}}, "truth": True}
    assert rendered(template, **names) == output


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("#set($a = 1 + 2 * 3 - 4 / 2)$a", "5"),
        ("#set($a = (1 + 2) * -3)$a", "-9"),
        ("#set($a = 7 % 3)$a", "1"),
        ('#set($a = "x$b")$a', "xB"),
        ("#set($a = 'x$b')$a", "x$b"),
        ('#set($a = "say ""hi""")$a', 'say "hi"'),
        ("#set($a = [1..3])$a#set($a = [2..0])$a", "[1, 2, 3][2, 1, 0]"),
        ('#set($m = {"k": [1, 2], "n": null})$m.k[1]#set($m.new = 3)$m.new#set($m["k"] = 0)$m.k', "230"),
        ("#set($a = 1)#set($a = $missing)$a", "1"),
        ("#set($a = 1 == 1.0)$a #set($a = '1' == 1)$a #set($a = 'a' != 'b')$a", "true true true"),
        ("#set($a = !false && (1 < 2 || $missing))$a", "true"),
        ("#set($a = 1 lt 2 and not false)$a", "true"),
        ("#set($n = 'a' + 1)$n", "a1"),
    ],
)
def test_expressions(template: str, output: str) -> None:
    assert rendered(template, b="B") == output


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("#if($n > 2)big#elseif($n == 2)two#{else}small#end", "two"),
        ("#if($missing)yes#{else}no#end#if('')empty is true#end", "noempty is true"),
        ('[#foreach($i in $items)"$i"#if($foreach.hasNext),#end#end]', '["a","b","c"]'),
        ("#foreach($i in $items)$foreach.index$velocityCount#if($foreach.count == 2)#break#end#end", "0112"),
        ("#foreach($e in $map.entrySet())$e.key=$e.value;#end", "x=1;y=2;"),
        ("#foreach($v in $map)$v#end$!v", "12"),
        ("before#stop after", "before"),
        ("#foreach($a in [1, 2])#foreach($b in [1, 2])$foreach.parent.index$foreach.index #end#end", "00 01 10 11 "),
    ],
)
def test_directives(template: str, output: str) -> None:
    assert rendered(template, n=2, items=["a", "b", "c"], map={"x": 1, "y": 2}) == output


def test_a_line_with_nothing_but_a_directive_leaves_no_line() -> None:
    template = "Action=Send\n  #set($x = 1)\n#if($x == 1)\n&Body=$x\n#end\n&End=1"
    assert rendered(template) == "Action=Send\n&Body=1\n&End=1"


@pytest.mark.parametrize(
    ("template", "line", "what"),
    [
        ("a\n#if($x)", 2, "#end is missing"),
        ("#end", 1, "#end has no"),
        ("\n\n#macro(x)#end", 3, "#macro isn't supported"),
        ("#set($x 1)", 1, "= is missing"),
        ("#foreach($x of $y)#end", 1, "#foreach must have the form"),
    ],
)
def test_a_template_that_is_not_valid_is_refused_with_its_line(template: str, line: int, what: str) -> None:
    with pytest.raises(VtlError, match=what) as raised:
        parse(template)
    assert raised.value.line == line


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("\n$name.explode()", "line 2: .* has no method explode"),
        ("$name.substring('x')", "substring"),
        ("#set($x = 1 / 0)", "division by zero"),
        ("#set($x = $name - 1)", "isn't a number"),
        ("#foreach($x in $name)#end", "can't iterate"),
    ],
)
def test_an_evaluation_that_fails_names_its_line(template: str, what: str) -> None:
    with pytest.raises(VtlError, match=what):
        rendered(template, name="Ada")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", {"a": [{"b": 1}, {"b": 2}], "c d": {"e": None}}),
        ("$.a[0].b", 1),
        ("a[1].b", 2),
        ("$.a[-1].b", 2),
        ("$.a[*].b", [1, 2]),
        ("$..b", [1, 2]),
        ("$.a[0:1]", [{"b": 1}]),
        ("$['c d']['e']", None),
        ("$.missing.more", None),
        ("$.a.length()", 2),
    ],
)
def test_json_paths(path: str, found: Any) -> None:
    document = {"a": [{"b": 1}, {"b": 2}], "c d": {"e": None}}
    assert JsonPath(path).find(document) == found


def test_a_json_path_with_a_filter_is_refused() -> None:
    with pytest.raises(PathError, match=r"\$\.a\[\?\(@\.b\)\] isn't supported"):
        JsonPath("$.a[?(@.b)]")
