"""The results of the functions of Logs Insights."""

import pytest

from localaws_testing.insights.sample import NOW, ask


@pytest.mark.proves(
    "insights abs()",
    "insights ceil()",
    "insights floor()",
    "insights greatest()",
    "insights least()",
    "insights log()",
    "insights sqrt()",
    "insights strlen()",
    "insights toupper()",
    "insights tolower()",
    "insights trim()",
    "insights ltrim()",
    "insights rtrim()",
    "insights substr()",
    "insights replace()",
    "insights strcontains()",
    "insights concat()",
    "insights coalesce()",
    "insights isempty()",
    "insights isblank()",
    "insights ispresent()",
    "insights jsonstringify()",
    "insights jsonparse()",
    "insights now()",
    "insights frommillis()",
    "insights tomillis()",
    "insights datefloor()",
    "insights dateceil()",
    "insights isvalidip()",
    "insights isvalidipv4()",
    "insights isvalidipv6()",
    "insights isipinsubnet()",
    "insights isipv4insubnet()",
    "insights isipv6insubnet()",
)
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", "14"), ("(2 + 3) * 4", "20"), ("2 ^ 3 ^ 2", "512"), ("10 % 3", "1"), ("-2 ^ 2", "-4"),
        ("7 / 2", "3.5"), ("1 / 3", "0.3333"), ("1 / 0", None), ("1 - 1", "0"), ("0 - 0.00001", "0"),
        ("10 ^ 400", None),
        ("abs(-1.5)", "1.5"), ("ceil(1.2)", "2"), ("floor(-1.2)", "-2"), ("greatest(1, 10, 9)", "10"),
        ("least(1, 10, 9)", "1"), ("log(1)", "0"), ("log(0)", None), ("sqrt(9)", "3"), ("sqrt(-1)", None),
        ("strlen('añb')", "3"), ("toupper('aB')", "AB"), ("tolower('aB')", "ab"), ("trim('  x ')", "x"),
        ("trim('xxaxx', 'x')", "a"), ("ltrim('  x ')", "x "), ("rtrim('xyZ', 'Z')", "xy"),
        ("substr('xyZfooxyZ', 3)", "fooxyZ"), ("substr('xyZfooxyZ', 3, 3)", "foo"),
        ("replace('foo', 'o', '0')", "f00"), ("strcontains('xyZ', 'yZ')", "1"), ("strcontains('xyZ', 'q')", "0"),
        ("concat('a', 1, nothing, 'b')", "a1b"), ("coalesce(nothing, 'x')", "x"), ("coalesce(nothing)", None),
        ("isempty('')", "1"), ("isempty(nothing)", "1"), ("isempty(' ')", "0"), ("isblank(' \t')", "1"),
        ("ispresent(nothing)", "0"), ("ispresent(@message)", "1"), ("jsonStringify(jsonParse('{\"a\":1}'))", '{"a":1}'),
        ("jsonParse('nonsense')", None), ("now()", str(NOW)), ("fromMillis(0)", "1970-01-01 00:00:00.000"),
        ("fromMillis(1e300)", None), ("toMillis(fromMillis(123456789))", "123456789"),
        ("datefloor(fromMillis(3599999), 1h)", "1970-01-01 00:00:00.000"),
        ("dateceil(fromMillis(3599999), 1h)", "1970-01-01 01:00:00.000"),
        ("datefloor(fromMillis(1999), 500ms)", "1970-01-01 00:00:01.500"),
        ("dateceil(fromMillis(3600000), 1h)", "1970-01-01 01:00:00.000"),
        ("datefloor(now() * 1000, 1mo)", "2026-11-01 00:00:00.000"),
        ("dateceil(now() * 1000, 1y)", "2027-01-01 00:00:00.000"),
        ("datefloor(now() * 1000, 1week)", "2026-11-23 00:00:00.000"),
        ("datefloor(now() * 1000, 2days)", "2026-11-23 00:00:00.000"),
        ("isValidIp('::1')", "1"), ("isValidIpv4('::1')", "0"), ("isValidIpv6('::1')", "1"),
        ("isValidIp('1.2.3')", "0"),
        ("isIpInSubnet('10.1.2.3', '10.0.0.0/8')", "1"), ("isIpv4InSubnet('11.1.2.3', '10.0.0.0/8')", "0"),
        ("isIpv6InSubnet('10.1.2.3', '10.0.0.0/8')", "0"), ("isIpv4InSubnet(nothing, '10.0.0.0/8')", "0"),
        ("1 = 1", "1"), ("'b' < 'a'", "0"), ("not 1 = 1", "0"), ("\"it's\"", "it's"), ("'a\\'b'", "a'b"),
    ],
)  # fmt: skip
def test_an_expression_has_its_value(expression: str, value: str | None) -> None:
    [row] = ask(f"fields {expression} as v | limit 1")
    assert row.get("v") == value


@pytest.mark.parametrize("hostile", ["'); DROP TABLE events; --", '" OR 1=1 --', "$p0", "{0}", "%s", "\\"])
def test_a_string_stays_a_string(hostile: str) -> None:
    quoted = hostile.replace("\\", "\\\\").replace("'", "\\'")
    [row] = ask(f"fields '{quoted}' as v, `{hostile}` as missing | filter v = '{quoted}' | limit 1")
    assert row == {"v": hostile}
