"""The comparison of local AWS with its rivals: its page is what its results say, and each probe names its source."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.bench.rivals.__main__ import load
from tests.bench.rivals.cloud import Cloud, refused
from tests.bench.rivals.page import DATA, PAGE, render, totals
from tests.bench.rivals.probe import Differs, Outcome, Probe, Refused, expect, judge

RESULTS = json.loads(DATA.read_text())
SIGNS = {"right": Outcome.RIGHT, "refused": Outcome.REFUSED, "**wrong**": Outcome.WRONG, "crashed": Outcome.CRASHED}


def test_the_page_is_that_of_the_results() -> None:
    assert PAGE.read_text() == render(RESULTS)


def test_the_totals_are_those_of_the_rows() -> None:
    page = PAGE.read_text()
    rows = [line.strip("| ").split(" | ")[1:] for line in page.splitlines() if line.startswith("| [")]

    for place, (key, name) in enumerate(RESULTS["names"].items()):
        counted = Counter(SIGNS[row[place]] for row in rows)
        total = re.search(rf"^\| {re.escape(name)} \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
        assert total
        assert [int(count) for count in total.groups()] == [counted[outcome] for outcome in Outcome]
        assert totals(RESULTS["probes"], key) == {outcome: counted[outcome] for outcome in Outcome}
    assert len(rows) == len(RESULTS["probes"]) >= 100


def test_the_results_are_those_of_the_probes() -> None:
    found = [(each["area"], each["name"], each["title"], each["page"]) for each in RESULTS["probes"]]

    assert found == [(each.area, each.name, each.title, each.page) for each in load()]


def test_local_aws_is_nowhere_silently_wrong() -> None:
    wrong = [each["title"] for each in RESULTS["probes"] if each["outcomes"]["localaws"] == Outcome.WRONG]

    assert wrong == []


def test_each_probe_has_a_name_of_its_own_and_a_page_of_awss_documentation() -> None:
    probes = load()

    assert len({(each.area, each.name) for each in probes}) == len(probes)
    assert all(re.fullmatch(r"https://docs\.aws\.amazon\.com/[\w./-]+\.html", each.page) for each in probes)
    assert all(each.title for each in probes)


def error(code: str, message: str, status: int) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Operation")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (None, Outcome.RIGHT),
        (Differs("1 instead of 2"), Outcome.WRONG),
        (KeyError("Result"), Outcome.WRONG),
        (error("ValidationException", "the name is invalid", 400), Outcome.WRONG),
        (error("UnsupportedByLocalAws", "Local AWS doesn't support X of iam.", 501), Outcome.REFUSED),
        (error("BadRequest", "Local AWS supports URLs with AuthType NONE, not AWS_IAM.", 400), Outcome.REFUSED),
        (error("InvalidAction", "The action X is not valid for this endpoint.", 400), Outcome.REFUSED),
        (error("500", "Internal Server Error", 500), Outcome.CRASHED),
        (EndpointConnectionError(endpoint_url="http://localhost"), Outcome.CRASHED),
        (TimeoutError(), Outcome.CRASHED),
        (Refused("error running docker"), Outcome.REFUSED),
    ],
)
def test_an_outcome_follows_from_what_happened(raised: Exception | None, outcome: Outcome) -> None:
    def run(cloud: Cloud) -> None:
        if raised:
            raise raised

    assert judge(Probe("area", "name", "title", "page", run), Cloud(1, ""))[0] is outcome


def test_a_difference_is_named() -> None:
    with pytest.raises(Differs, match=r"^status: 200 instead of 404$"):
        expect(200, 404, "status")


def test_a_call_must_fail_with_one_of_the_codes() -> None:
    def fail(code: str) -> None:
        raise error(code, "no", 400)

    assert refused("A|B", fail, code="AWS.Service.B").response["Error"]["Code"] == "AWS.Service.B"
    with pytest.raises(ClientError):
        refused("A", fail, code="C")
    with pytest.raises(Differs):
        refused("A", lambda: None)
