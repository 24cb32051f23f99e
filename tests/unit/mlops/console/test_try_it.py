"""Try it: a form by the contract, and answers of the code that serves, for those who may ask."""

import csv
import io
import json
import re
from typing import Any

import pytest

from mlops.console.pages.row_form import MOST_FIELDS
from mlops.contract import Column, Contract, Target
from tests.console_traffic import add_mixed_model, add_model, make_contract, make_id, make_record
from tests.console_world import Visitor, World, make_manifest

TUMOURS, PRICES = "/console/models/tumours/try", "/console/models/prices/try"


def sign_in(world: World, *scopes: str) -> Visitor:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": world.make_key(scopes=("read", *scopes))})
    return visitor


def values(page: str) -> dict[str, str]:
    """The fields of the form, by name."""
    form = page[page.index('<form id="row"') : page.index('<section id="answer"')]
    found = dict(re.findall(r'<input id="(c\d+)"[^>]*? value="([^"]*)"', form))
    for name, options in re.findall(r'<select id="(c\d+)".*?>(.*?)</select>', form):
        found[name] = re.findall(r'value="([^"]*)" selected', options)[0]
    return found


def asked(world: World) -> dict[str, Any]:
    """The last row that the function got."""
    (row,) = json.loads(world.functions.asked[-1]["body"])["rows"]
    found: dict[str, Any] = row
    return found


def test_the_form_is_filled_with_an_example_and_asks_nothing_yet(world: World, ann: Visitor) -> None:
    add_model(world)
    first, fourth = (ann.get(f"{TUMOURS}?example={number}").text for number in (1, 4))
    assert (values(first)["c0"], values(first)["c1"]) == ("1", "3")
    assert (values(fourth)["c0"], values(fourth)["c1"]) == ("4", "2")
    assert "The answer appears here" in first
    assert world.functions.asked == []


def test_the_answer_is_that_of_the_serving_code_with_what_moved_it(world: World, ann: Visitor) -> None:
    add_model(world)
    fields = values(ann.get(TUMOURS).text) | {"c0": "5", "c1": "2"}
    page = ann.act(TUMOURS, version=1, **fields).text
    assert "malignant</strong> with a probability of 0.9526" in page
    assert values(page)["c0"] == "5"
    for text in ("log-odds of malignant", "+3.00<", "11 other columns"):
        assert text in page, text


def test_what_is_tried_is_recorded_and_counted_nowhere(
    world: World, ann: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    add_model(world)
    capsys.readouterr()
    ann.act(TUMOURS, version=1, **values(ann.get(TUMOURS).text))
    ann.act(TUMOURS, version=1, c0="much")
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in printed if line.get("service") == "try" and "record" in line] == []
    assert len(world.functions.asked) == 2


def test_every_kind_of_column_comes_as_it_was_written(world: World, ann: Visitor) -> None:
    add_mixed_model(world)
    page = ann.get(PRICES).text
    assert values(page) == {"c0": "1", "c1": "x", "c2": "true", "c3": "S", "c4": "1970-01-02", "c5": "1"}
    assert 'type="date"' in page
    answer = ann.act(PRICES, version=1, c0="40", c1="Bern", c2="false", c3="", c4="1970-01-11", c5="").text
    assert asked(world) == {"age": 40, "city": "Bern", "smokes": False, "since": "1970-01-11"}
    assert "may be missing" in page
    assert "The answer of version 1" in answer


def test_what_breaks_the_contract_is_said_by_the_serving_code_and_stays_in_the_form(world: World, ann: Visitor) -> None:
    add_mixed_model(world)
    page = ann.act(PRICES, version=1, c0="300", c1="", c2="true", c3="S", c4="some day", c5="heavy").text
    for text in ("age must be at most 120", "city", "since", "weight must be a number"):
        assert text in page, text
    assert (values(page)["c0"], values(page)["c5"]) == ("300", "heavy")


def test_a_version_that_cant_be_explained_answers_and_says_why_it_isnt(world: World, ann: Visitor) -> None:
    add_mixed_model(world)
    page = ann.act(PRICES, version=1, c0="1", c1="x", c2="true", c3="S", c4="1970-01-02", c5="2").text
    assert "<strong>5</strong>" in page
    assert "trained without an explainer" in page
    # Asked again without it.
    assert [each["rawQueryString"] for each in world.functions.asked] == ["explain=true", ""]


def test_any_version_can_be_tried_a_refused_one_too(world: World, ann: Visitor) -> None:
    add_model(world, versions=3)
    assert f'href="{TUMOURS}?version=3"' in ann.get("/console/models/tumours/versions/3").text
    page = ann.get(f"{TUMOURS}?version=3").text
    assert "version 3, which doesn&#39;t serve" in page
    answer = ann.act(TUMOURS, version=3, **values(page)).text
    assert "with a probability of" in answer
    assert ann.get(f"{TUMOURS}?version=9").status_code == 404
    assert ann.act(TUMOURS, version=9).status_code == 404
    assert ann.act(TUMOURS, version=0).status_code == 404
    assert ann.act(TUMOURS, version="1; DROP").status_code == 400


def test_the_explanation_is_there_as_csv(world: World, ann: Visitor) -> None:
    add_model(world)
    page = ann.act(TUMOURS, version=1, **values(ann.get(TUMOURS).text)).text
    found = re.findall(r'name="row" value="([^"]*)"', page)[0].replace("&#34;", '"')
    answer = ann.act(f"{TUMOURS}.csv", version=1, row=found)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 13
    assert sum(float(row["contribution"]) for row in rows) == pytest.approx(2.0)
    add_mixed_model(world)
    refused = ann.act("/console/models/prices/try.csv", version=1, row="{}")
    assert refused.status_code == 404


def test_a_row_of_many_columns_is_written_as_json(world: World, ann: Visitor) -> None:
    contract = make_contract([f"column {place}" for place in range(MOST_FIELDS + 1)])
    add_model(world, "wide", contract)
    page = ann.get("/console/models/wide/try").text
    assert "<textarea" in page
    row = dict.fromkeys(contract.names, 1.0) | {"column 0": 3.0}
    answer = ann.act("/console/models/wide/try", version=1, row=json.dumps(row)).text
    assert "0.8808" in answer
    broken = ann.act("/console/models/wide/try", version=1, row='{"column 0": 3, NaN').text
    assert "no JSON" in broken
    assert "{&#34;column 0&#34;: 3, NaN" in broken
    for text in ("[]", '{"a": NaN}', ""):
        assert "can&#39;t be used" in ann.act("/console/models/wide/try", version=1, row=text).text
    assert len(world.functions.asked) == 1


def test_recorded_inputs_can_be_tried_with_other_cells(world: World, ann: Visitor) -> None:
    contract = add_model(world)
    world.logs.lines.append(make_record(contract, "tumours", world.now, 3))
    page = ann.get(f"{TUMOURS}?prediction={make_id(world.now, 3)}").text
    assert (values(page)["c0"], values(page)["c1"]) == ("4", "2.5")
    assert ann.get(f"{TUMOURS}?prediction={make_id(world.now, 4)}").status_code == 404


def test_nothing_can_be_tried_where_nothing_serves_or_a_recommender_does(world: World, ann: Visitor) -> None:
    contract = Contract(columns=(Column(name="a"),), target=Target(name="b", task="regression"))
    world.add_versions("unserved", make_manifest("unserved", 1, contract=contract))
    assert "There is nothing to try" in ann.get("/console/models/unserved/try").text
    assert ann.act("/console/models/unserved/try", version=7).status_code == 404


@pytest.mark.parametrize(
    ("scopes", "asks"), [((), False), (("predict", "explain", "versions"), False), (("operate",), True)]
)
def test_who_operates_the_models_may_try_them(world: World, scopes: tuple[str, ...], asks: bool) -> None:
    add_model(world)
    visitor = sign_in(world, *scopes)
    page = visitor.get(TUMOURS).text
    assert ('<form id="row"' in page) == asks
    assert ("You may only look" in page) != asks
    for path in (TUMOURS, f"{TUMOURS}.csv"):
        answer = visitor.act(path, version=1, row='{"mean radius": 1}')
        assert (answer.status_code == 403) != asks
    assert bool(world.functions.asked) == asks


def test_a_form_of_another_session_asks_nothing(world: World, ann: Visitor) -> None:
    add_model(world)
    answer = ann.post(TUMOURS, {"form_token": "0" * 64, "version": "1", "row": "{}"})
    assert answer.status_code == 403
    assert ann.act(TUMOURS, version=1, row="{}").status_code == 200
    cross = ann.post(TUMOURS, {"form_token": ann.token(), "version": "1"}, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403
    assert len(world.functions.asked) == 1


def test_a_function_that_fails_or_crashes_is_said_to_and_the_row_stays(world: World, ann: Visitor) -> None:
    add_model(world)
    fields = values(ann.get(TUMOURS).text)
    world.functions.failing = True
    page = ann.act(TUMOURS, version=1, **fields).text
    assert "gave no answer" in page
    assert values(page) == fields
    world.functions.failing, world.functions.crashing = False, True
    assert "its log group has the details" in ann.act(TUMOURS, version=1, **fields).text
    assert len(world.warnings) == 2
