"""Predictions, trying a model, and logs, in a browser: what people do there, with scripts, without, and by keys."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from mlops.contract import Column, Contract, Target
from mlops.records.truths import Truth
from mlops.records.write import store_feedback
from tests.browser.conftest import Site, serve
from tests.browser.looks import SCHEMES, WIDTHS, faults_of_pages, open_harmless, pages_too_wide, pixels_beyond
from tests.console_traffic import (
    add_mixed_model,
    add_model,
    add_private_model,
    add_traffic,
    make_contract,
    make_id,
    make_record,
)
from tests.console_world import HOSTILE, World

TUMOURS, PRICES = "/console/models/tumours", "/console/models/prices"


@pytest.fixture
def world() -> World:
    """Tumours, of two versions and with predictions; prices, with a column of every kind; and private columns."""
    world = World()
    add_traffic(world, "tumours", add_model(world, versions=3))
    add_mixed_model(world)
    add_private_model(world)
    return world


@pytest.fixture
def answering(world: World, browser: Browser) -> Iterator[Site]:
    """The console of this world."""
    with serve(world, browser) as found:
        yield found


def pages(world: World) -> dict[str, str]:
    logged = world.logs.lines[0]["prediction_id"]
    with_truth = make_id(world.now - timedelta(minutes=32), 102)
    return {
        "newest": f"{TUMOURS}/predictions",
        "no predictions": f"{PRICES}/predictions",
        "no id": f"{TUMOURS}/predictions?id=7",
        "prediction": f"{TUMOURS}/predictions/{logged}",
        "explained, with a truth": f"{TUMOURS}/predictions/{with_truth}?explain=true",
        "no such prediction": f"{TUMOURS}/predictions/{make_id(world.now, 9)}",
        "try": f"{TUMOURS}/try",
        "try every kind": f"{PRICES}/try",
        "logs": f"{TUMOURS}/logs",
        "rows of logs": f"{TUMOURS}/logs?query=predictions",
        "no rows of logs": f"{PRICES}/logs?query=trainings",
    }


def answered(page: Page) -> None:
    """The answer of a form that asks by itself is there."""
    if page.locator("#row").count():
        expect(page.locator("#answer .lead")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault(world: World, answering: Site, scheme: str) -> None:
    assert faults_of_pages(answering, pages(world), scheme, answered) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_screen(world: World, answering: Site, width: int) -> None:
    assert pages_too_wide(answering, pages(world), width, answered) == {}


def test_without_javascript_each_page_is_of_use(world: World, answering: Site) -> None:
    page = answering.sign_in(java_script_enabled=False)
    for name, path in pages(world).items():
        page.goto(path)
        assert page.locator("h1").count() == 1, name
    page.goto(f"{TUMOURS}/try")
    expect(page.locator("input.slider").first).to_be_hidden()
    page.get_by_label("mean radius").first.fill("5")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#answer .lead")).to_contain_text("malignant with a probability of 0.8808")
    expect(page.get_by_label("mean radius").first).to_have_value("5")


def test_a_new_prediction_appears_by_itself(world: World, answering: Site) -> None:
    page = answering.sign_in(path=f"{TUMOURS}/predictions", timezone_id="Asia/Tokyo")
    first = page.locator("#tail tbody tr").first
    expect(first).to_contain_text("29 Nov 2026, 20:59:59")
    world.now += timedelta(seconds=10)
    world.logs.lines.append(make_record(make_contract(), "tumours", world.now, 70))
    expect(first).to_contain_text(make_id(world.now, 70))
    expect(first).to_contain_text("21:00:10")


def test_a_prediction_is_found_by_its_id_and_explained(world: World, answering: Site) -> None:
    identity = make_id(world.now - timedelta(minutes=32), 102)
    page = answering.sign_in(path=f"{TUMOURS}/predictions")
    page.get_by_label("Prediction id").fill(identity)
    page.get_by_role("button", name="Find it").click()
    expect(page.get_by_text("truth: malignant")).to_be_visible()
    page.get_by_role("link", name="Explain it").click()
    expect(page.get_by_text("gave the same answer")).to_be_visible()
    expect(page.locator("#moved ~ .wide svg")).to_have_count(2)
    with page.expect_download() as found:
        page.get_by_role("link", name="Explanation as CSV").click()
    assert "mean radius" in found.value.path().read_text()
    page.get_by_role("link", name="Try it with other cells").click()
    expect(page.get_by_label("mean radius").first).to_have_value("3")


def test_a_slider_moves_the_prediction_and_the_number_the_slider(answering: Site) -> None:
    page = answering.sign_in(path=f"{TUMOURS}/try")
    lead = page.locator("#answer .lead")
    expect(lead).to_contain_text("benign with a probability of 0.8808")
    slider, number = page.get_by_label("Move mean radius"), page.locator("#c0")
    slider.focus()
    page.keyboard.press("End")
    expect(number).to_have_value("6")
    expect(lead).to_contain_text("malignant with a probability of 0.9526")
    number.fill("3")
    expect(slider).to_have_value("3")
    expect(lead).to_contain_text("with a probability of 0.5000")


def test_many_moves_of_a_slider_ask_once(world: World, answering: Site) -> None:
    page = answering.sign_in(path=f"{TUMOURS}/try")
    lead = page.locator("#answer .lead")
    expect(lead).to_be_visible()
    before = len(world.functions.asked)
    page.get_by_label("Move mean radius").evaluate("""(slider) => {
        for (let value = 1; value <= 3; value += 0.05) {
            slider.value = value.toFixed(2);
            slider.dispatchEvent(new Event("input", {bubbles: true}));
        }
    }""")
    expect(lead).to_contain_text("0.5000")
    assert len(world.functions.asked) == before + 1


def test_a_row_that_is_refused_says_why_next_to_it(answering: Site) -> None:
    page = answering.sign_in(path=f"{PRICES}/try")
    expect(page.locator("#answer .lead")).to_have_text("4")
    page.get_by_label("age", exact=False).first.fill("300")
    expect(page.get_by_role("alert")).to_contain_text("age must be at most 120")
    page.get_by_label("smokes").select_option("false")
    page.get_by_label("age", exact=False).first.fill("30")
    expect(page.locator("#answer .lead")).to_have_text("32")


def test_an_explanation_is_downloaded_and_a_refused_version_tried(answering: Site) -> None:
    page = answering.sign_in(path=f"{TUMOURS}/try")
    page.get_by_role("spinbutton", name="Version").fill("3")
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("heading", name="version 3, which doesn't serve")).to_be_visible()
    page.get_by_role("navigation", name="Examples").get_by_role("link", name="5").click()
    expect(page.locator("#answer .lead")).to_contain_text("malignant")
    with page.expect_download() as found:
        page.get_by_role("button", name="Explanation as CSV").click()
    assert found.value.suggested_filename == "tumours-explanation.csv"
    assert "mean texture" in found.value.path().read_text()


def test_logs_are_asked_and_lead_to_a_prediction(world: World, answering: Site) -> None:
    page = answering.sign_in(path=f"{TUMOURS}/logs")
    page.get_by_label("Query").select_option("predictions")
    page.get_by_label("Of the last").select_option("15m")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("8 rows of the last 15 minutes")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("link", name="All rows as CSV").click()
    assert found.value.path().read_text().count("\n") == 9
    page.locator("tbody tr").first.get_by_role("link").click()
    page.wait_for_url(f"**/predictions/{world.logs.lines[0]['prediction_id']}")


def test_a_session_that_ended_while_somebody_tried_is_begun_anew(world: World, answering: Site) -> None:
    page = answering.sign_in(path=f"{TUMOURS}/try")
    expect(page.locator("#answer .lead")).to_be_visible()
    world.now += timedelta(hours=2)
    page.locator("#c0").fill("4")
    page.wait_for_url("**/sign-in")


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_hostile_names_values_and_truths_do_nothing(browser: Browser, place: int) -> None:
    text, world = HOSTILE[place], World()
    columns = (Column(name=text, unit=text[:200], description=text), Column(name="other"))
    target = Target(name="x", task="binary", labels=(text, "other"))
    contract = add_model(world, "sick", Contract(columns=columns, target=target))
    record = make_record(contract, "sick", world.now, 1, row={text: 1.0, "other": 3.0})
    hostile = {"role": text, "function_request_id": text, "challenger_version": 1, "challenger_label": text}
    cells = {
        **record,
        **hostile,
        "prediction_id": make_id(world.now, 2),
        "inputs": {text: text, "other": {text: [text]}},
    }
    error = {"timestamp": world.now.isoformat(), "level": "ERROR", "model": "sick", "message": text, "reason": text}
    world.logs.lines += [record, cells, error]
    store_feedback(world.records, "sick", [Truth(record["prediction_id"], text, world.now)], world.now)
    with serve(world, browser) as site:
        page = site.sign_in()
        for path in (
            "predictions",
            f"predictions/{record['prediction_id']}?explain=true",
            f"predictions/{cells['prediction_id']}",
            "try",
            "logs?query=errors",
        ):
            open_harmless(page, f"/console/models/sick/{path}")
            answered(page)
            assert text[:12] in page.locator("body").inner_text(), path
            assert pixels_beyond(page) == 0, path
        page.goto("/console/models/sick/try")
        answered(page)
        page.locator("#c1").evaluate("(each, text) => { each.type = 'text'; each.value = text; }", text)
        page.get_by_role("button", name="Predict").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.title() != "broken in"


def test_hostile_addresses_do_nothing(answering: Site) -> None:
    page = answering.sign_in()
    for text in HOSTILE[:4]:
        quoted = text.replace("/", "%2F").replace("?", "%3F").replace("#", "%23")
        for path in ("predictions?id=", "predictions/", "try?prediction=", "logs?query=", "logs?query=errors&since="):
            page.goto(f"{TUMOURS}/{path}{quoted}")
            assert page.title() != "broken in"
            assert page.locator("main").locator("img, [onerror], [onload]").count() == 0
    assert re.search("predictions|logs", page.url)
