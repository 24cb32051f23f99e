"""What people do, with a mouse, with keys alone, without scripts, and two at once."""

from datetime import timedelta

import obstore
import pytest
from playwright.sync_api import Page, expect
from pydantic_core import to_json

from mlops.artifact.names import changes_key
from mlops.registry.aliases import CHALLENGER, CHAMPION, Aliases, Move
from tests.browser.conftest import Site, fill, serve
from tests.console_changes import make_changes
from tests.console_data import add_returns
from tests.console_world import World
from tests.unit.mlops.authorization.forgeries import Issuer

VERSIONS, CHURN = "/console/models/churn/versions", "/console/models/churn"


def last(site: Site, alias: str = CHAMPION) -> Move:
    found = Aliases(site.world.models, "churn").find(alias)
    assert found
    return found.history[-1]


def unfold(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).first.click()


def test_a_key_signs_in_where_somebody_was_going_and_signing_out_leaves_nothing(site: Site) -> None:
    page = site.open()
    page.goto(VERSIONS)
    page.get_by_label("Your key").fill("mlops_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("unknown, revoked or expired")
    page.get_by_label("Your key").fill(site.world.make_key())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{VERSIONS}")
    expect(page.get_by_text("bob, may only look")).to_be_visible()
    expect(page.locator("summary", has_text="Undo")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    expect(page.get_by_label("Your key")).to_be_visible()


def test_a_token_signs_in_until_it_expires(site: Site) -> None:
    world = fill(World())
    world.issuer = Issuer(world.time)
    with serve(world, site.browser) as trusting:
        page = trusting.open()
        page.goto(VERSIONS)
        page.get_by_label("Your key or token").fill(world.issuer.token(exp=1))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("This token isn't valid here")
        token = world.issuer.token(sub="eve@example.com", scope="read operate", exp=int(world.time()) + 600)
        page.get_by_label("Your key or token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**{VERSIONS}")
        expect(page.get_by_text("eve@example.com")).to_be_visible()
        expect(page.locator("summary", has_text="Undo")).to_have_count(1)
        world.now += timedelta(seconds=601)
        page.reload()
        expect(page.get_by_label("Your key or token")).to_be_visible()


def test_what_changed_in_a_dataset_is_two_clicks_away_and_downloaded(site: Site) -> None:
    add_returns(site.world)
    page = site.sign_in(path="/console/models/returns")
    page.get_by_role("link", name="Data", exact=True).click()
    page.get_by_role("link", name="What changed from version 1's dataset to version 2's").click()
    expect(page.locator("figure.drifted")).to_contain_text("The median rose from")
    with page.expect_download() as found:
        page.get_by_role("link", name="Differences as CSV").click()
    assert found.value.path().read_text().startswith("column,what,name,effect")
    page.get_by_label("and of version").fill("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="The datasets of version 1 and version 2")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_rows_that_changed_are_compared_when_somebody_looks(site: Site, scripts: bool) -> None:
    page = site.sign_in(path="/console/models/churn/compare?v=1&v=2", java_script_enabled=scripts)
    if not scripts:
        page.get_by_role("link", name="Compare the rows of both datasets").click()
    expect(page.get_by_text("The rows of both datasets are being compared")).to_be_visible()
    assert site.world.functions.compared == [{"model": "churn", "versions": [1, 2]}]
    obstore.put(site.world.records, changes_key("churn", 1, 2), to_json(make_changes(1, 2)))
    if not scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("1,000 rows, then 1,010: 990 kept, 5 changed, 5 removed, 15 added.")).to_be_visible()
    expect(page.get_by_role("heading", name="Rows that were changed")).to_be_visible()
    assert len(site.world.functions.compared) == 1
    # By itself or by a click, it's on the page of the two versions then.
    page.goto("/console/models/churn/compare?v=1&v=2")
    expect(page.get_by_role("heading", name="Answers that changed")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("link", name="Changes of the columns as CSV").click()
    assert "radius,True,0.21" in found.value.path().read_text()


def test_the_rows_that_were_rejected_are_a_click_away_from_their_upload(site: Site) -> None:
    add_returns(site.world)
    page = site.sign_in(path="/console/models/returns/data")
    page.get_by_role("link", name="71 broken rules").click()
    expect(page.get_by_role("heading", name="Rejected rows of c.csv")).to_be_visible()
    expect(page.get_by_role("row", name="missing patient 1", exact=True)).to_be_visible()


def test_scripts_cant_read_the_session(site: Site) -> None:
    assert site.sign_in().evaluate("document.cookie") == ""


@pytest.mark.parametrize("scripts", [True, False])
def test_a_version_is_promoted_in_two_clicks_and_undone_in_two(site: Site, scripts: bool) -> None:
    page = site.sign_in(path=f"{VERSIONS}/1", java_script_enabled=scripts)
    unfold(page, "Promote")
    page.get_by_label("Reason").first.fill("the new one is odd")
    page.get_by_role("button", name="Promote version 1 in place of version 4").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 is the champion now")
    assert (last(site).version, last(site).by, last(site).why) == (1, "ann", "the new one is odd")
    unfold(page, "Undo")
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_role("status")).to_contain_text("Version 4 is the champion now")
    assert (last(site).action, last(site).why) == ("rollback", "undone: promotion of version 1")


def test_no_reason_no_promotion(site: Site) -> None:
    page = site.sign_in(path=f"{VERSIONS}/1")
    unfold(page, "Promote")
    page.get_by_role("button", name="Promote version 1").click()
    assert page.evaluate("document.activeElement.name") == "why"
    assert last(site).version == 4


def test_a_refused_version_wants_insisting(site: Site) -> None:
    page = site.sign_in(path=f"{VERSIONS}/2")
    unfold(page, "Promote")
    page.get_by_label("Reason").first.fill("I know better")
    page.get_by_role("button", name="Promote version 2").click()
    assert last(site).version == 4
    page.get_by_label("It failed its gates, and I want it anyway").check()
    page.get_by_role("button", name="Promote version 2").click()
    expect(page.get_by_role("status")).to_contain_text("Version 2 is the champion now")


def test_a_held_version_is_approved(site: Site) -> None:
    page = site.sign_in(path=f"{VERSIONS}/3")
    unfold(page, "Approve")
    page.get_by_label("Reason").first.fill("the labels were corrected")
    page.get_by_role("button", name="Approve version 3").click()
    expect(page.get_by_role("status")).to_contain_text("Version 3 is the champion now")


def test_the_champion_goes_back_from_its_models_page(site: Site) -> None:
    page = site.sign_in(path=CHURN)
    unfold(page, "Go back to version 1")
    page.get_by_label("Reason").fill("worse since Monday")
    page.get_by_role("button", name="Go back to version 1").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 is the champion now")
    assert last(site).action == "rollback"


def test_a_challenger_gets_a_share_and_is_withdrawn(site: Site) -> None:
    page = site.sign_in(path=f"{VERSIONS}/1")
    unfolded = page.locator("details[open]")
    unfold(page, "Make it the challenger")
    unfolded.get_by_label("Share of the requests").fill("12.5")
    unfolded.get_by_label("Reason").fill("to see")
    page.get_by_role("button", name="Make version 1 the challenger").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 is the challenger now")
    assert last(site, CHALLENGER).share == 0.125
    page.goto(f"{VERSIONS}/1")
    unfold(page, "Withdraw")
    unfolded.get_by_label("Reason").fill("it isn't better")
    page.get_by_role("button", name="Withdraw version 1").click()
    expect(page.get_by_role("status")).to_contain_text("challenger no longer")


def test_a_canary_is_started_with_a_share_and_an_end(site: Site) -> None:
    page = site.sign_in(path=f"{VERSIONS}/1")
    unfolded = page.locator("details[open]")
    unfold(page, "Start a canary")
    unfolded.get_by_label("Share of the requests").fill("5")
    unfolded.get_by_label("Days, at most").fill("3")
    unfolded.get_by_label("Reason").fill("the old one may still be better")
    page.get_by_role("button", name="Start the canary of version 1").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 is the challenger now")
    canary = last(site, CHALLENGER).canary
    assert canary
    assert (canary.against, last(site, CHALLENGER).share) == (4, 0.05)


def test_keys_alone_are_enough(site: Site) -> None:
    page = site.sign_in(path=f"{VERSIONS}/1")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Promote":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("by keys alone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Version 1 is the champion now")
    assert last(site).why == "by keys alone"


def test_of_two_people_at_once_the_second_is_told(site: Site) -> None:
    ann, bob = site.sign_in("ann", f"{VERSIONS}/1"), site.sign_in("bob", f"{VERSIONS}/3")
    for page, reason in ((ann, "back to it"), (bob, "the labels were corrected")):
        unfold(page, "Promote" if page is ann else "Approve")
        page.get_by_label("Reason").first.fill(reason)
    ann.get_by_role("button", name="Promote version 1").click()
    expect(ann.get_by_role("status")).to_be_visible()
    bob.get_by_role("button", name="Approve version 3").click()
    expect(bob.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    expect(bob.get_by_text("Nothing was changed")).to_be_visible()
    assert (last(site).version, last(site).by) == (1, "ann")


def test_a_session_that_ended_is_begun_again_where_it_was(site: Site) -> None:
    page = site.sign_in(path=CHURN)
    site.world.now += timedelta(hours=2)
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_label("Your key").fill(site.world.make_key())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{VERSIONS}")


def test_a_form_that_is_sent_after_its_session_ended_changes_nothing(site: Site) -> None:
    page = site.sign_in(path=f"{VERSIONS}/1")
    unfold(page, "Promote")
    page.get_by_label("Reason").first.fill("too late")
    site.world.now += timedelta(hours=2)
    page.get_by_role("button", name="Promote version 1").click()
    expect(page.get_by_label("Your key")).to_be_visible()
    assert last(site).version == 4


def test_a_form_on_another_site_changes_nothing(site: Site) -> None:
    page = site.sign_in()
    # Another port is another origin, and for the cookie the same site: only the form's token and its origin tell.
    form = f'<form method="post" action="{site.address}/console/models/churn/rollback"><input name="version" value="4">'
    page.route(
        "http://127.0.0.2:9/",
        lambda route: route.fulfill(body=f"{form}<button>Win</button></form>", content_type="text/html"),
    )
    page.goto("http://127.0.0.2:9/")
    page.get_by_role("button", name="Win").click()
    expect(page.locator("h1")).to_be_visible()
    assert last(site).version == 4
    site.complaints.remove("request: http://127.0.0.2:9/")


def test_filters_apply_at_once_and_stand_in_the_address(site: Site) -> None:
    page = site.sign_in(path=VERSIONS)
    page.get_by_label("Result").select_option("refused")
    expect(page.locator("#table tbody tr")).to_have_count(1)
    assert "standing=refused" in page.url
    page.get_by_label("Text").fill("nothing like it")
    page.get_by_label("Text").press("Enter")
    expect(page.get_by_text("No version is like that.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No version is like that.")).to_be_visible()


def test_two_versions_are_picked_and_a_third_replaces_the_first(site: Site) -> None:
    page = site.sign_in(path=VERSIONS)
    for number in (4, 3, 2):
        page.get_by_label(f"Compare version {number}").check()
    page.get_by_role("button", name="Compare the two picked").click()
    expect(page.get_by_role("heading", name="Version 2 and version 3")).to_be_visible()


def test_the_figures_of_a_chart_are_downloaded(site: Site) -> None:
    page = site.sign_in(path=CHURN)
    with page.expect_download() as found:
        page.get_by_role("link", name="Traffic as CSV").click()
    assert found.value.suggested_filename == "churn-traffic.csv"
    assert found.value.path().read_text().count("\n") == 25
