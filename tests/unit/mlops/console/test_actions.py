"""Each action moves one alias by the registry's own code, with who, when and why; nobody overrules somebody unseen."""

import pytest

from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases, Move
from tests.console_world import Visitor, World, make_manifest

CHURN = "/console/models/churn"


def alias(world: World, name: str = CHAMPION) -> Alias:
    found = Aliases(world.models, "churn").find(name)
    assert found
    return found


def last(world: World, name: str = CHAMPION) -> Move:
    return alias(world, name).history[-1]


def test_a_promotion_is_recorded_with_who_and_why_and_shown_first(world: World, ann: Visitor) -> None:
    page = ann.act(f"{CHURN}/promote", version=1, moves=2, why="  the new one\tis <b>odd</b> ")
    assert page.url.path == f"{CHURN}/versions"
    assert "Version 1 is the champion now" in page.text
    assert "the new one is &lt;b&gt;odd&lt;/b&gt;" in page.text
    move = last(world)
    assert (move.version, move.previous, move.by, move.why) == (1, 4, "ann", "the new one is <b>odd</b>")


def test_a_version_that_failed_its_gates_is_promoted_only_on_insisting(world: World, ann: Visitor) -> None:
    refused = ann.act(f"{CHURN}/promote", version=2, moves=2)
    assert refused.status_code == 409
    assert "failed its gates" in refused.text
    assert last(world).version == 4
    ann.act(f"{CHURN}/promote", version=2, moves=2, insist="on")
    assert last(world).version == 2


def test_a_held_version_is_approved_and_no_other(world: World, ann: Visitor) -> None:
    assert ann.act(f"{CHURN}/approve", version=2, moves=2).status_code == 409
    ann.act(f"{CHURN}/approve", version=3, moves=2)
    assert last(world).version == 3


def test_a_rollback_goes_back_to_the_champion_before(world: World, ann: Visitor) -> None:
    ann.act(f"{CHURN}/rollback", version=4)
    assert (last(world).version, last(world).action) == (1, "rollback")


def test_a_challenger_gets_its_share_and_is_withdrawn(world: World, ann: Visitor) -> None:
    assert ann.act(f"{CHURN}/challenge", version=2, moves=1, percent=5).status_code == 409  # it failed a gate
    ann.act(f"{CHURN}/challenge", version=4, moves=1, percent="2.5")
    assert (last(world, CHALLENGER).version, last(world, CHALLENGER).share) == (4, 0.025)
    assert "challenger no longer" in ann.act(f"{CHURN}/withdraw", moves=2).text
    assert alias(world, CHALLENGER).withdrawn


def test_each_move_can_be_undone_and_the_undoing_too(world: World, ann: Visitor) -> None:
    ann.act(f"{CHURN}/promote", version=1, moves=2)
    ann.act(f"{CHURN}/undo", alias=CHAMPION, moves=3)
    assert (last(world).version, last(world).action, last(world).by) == (4, "rollback", "ann")
    ann.act(f"{CHURN}/undo", alias=CHAMPION, moves=4)
    assert last(world).version == 1
    ann.act(f"{CHURN}/withdraw", moves=1)
    ann.act(f"{CHURN}/undo", alias=CHALLENGER, moves=2)
    assert (last(world, CHALLENGER).version, last(world, CHALLENGER).share) == (1, 0.1)
    ann.act(f"{CHURN}/undo", alias=CHALLENGER, moves=3)
    assert alias(world, CHALLENGER).withdrawn


def test_the_first_promotion_can_not_be_undone(world: World, ann: Visitor) -> None:
    world.add_versions("fresh", make_manifest("fresh", 1))
    ann.act("/console/models/fresh/promote", version=1, moves=0)
    assert Aliases(world.models, "fresh").find(CHAMPION)
    answer = Visitor(world.open_app())
    answer.follow(world.make_link())
    assert answer.act("/console/models/fresh/undo", alias=CHAMPION, moves=1).status_code == 409


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("promote", {"version": 1, "moves": 2}),
        ("approve", {"version": 3, "moves": 2}),
        ("rollback", {"version": 4}),
        ("undo", {"alias": CHAMPION, "moves": 2}),
    ],
)
def test_of_two_people_at_once_the_second_is_told_and_changes_nothing(
    world: World, ann: Visitor, action: str, fields: dict[str, object]
) -> None:
    bob = Visitor(world.open_app())
    bob.follow(world.make_link("bob"))
    bob.act(f"{CHURN}/promote", version=2, moves=2, insist="on")
    answer = ann.act(f"{CHURN}/{action}", **fields)
    assert answer.status_code == 409
    assert "moved by somebody else" in answer.text
    assert last(world).by == "bob"


@pytest.mark.parametrize("action", ["challenge", "withdraw", "undo"])
def test_of_two_people_at_the_challenger_the_second_changes_nothing(world: World, ann: Visitor, action: str) -> None:
    bob = Visitor(world.open_app())
    bob.follow(world.make_link("bob"))
    bob.act(f"{CHURN}/challenge", version=2, moves=1, percent=0)
    answer = ann.act(f"{CHURN}/{action}", version=4, moves=1, percent=0, alias=CHALLENGER)
    assert answer.status_code == 409
    assert last(world, CHALLENGER).by == "bob"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
        {"origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(world: World, ann: Visitor, headers: dict[str, str]) -> None:
    form = {"form_token": ann.token(), "version": 1, "moves": 2, "why": "x"}
    answer = ann.post(f"{CHURN}/promote", form, headers=headers)
    assert answer.status_code == 403
    assert last(world).version == 4


def test_a_form_of_another_session_or_without_a_token_is_refused(world: World, ann: Visitor) -> None:
    bob = Visitor(world.open_app())
    bob.follow(world.make_link("bob"))
    for token in (bob.token(), "", "0" * 64, "é"):
        answer = ann.post(f"{CHURN}/promote", {"form_token": token, "version": 1, "moves": 2, "why": "x"})
        assert answer.status_code == 403, token
    assert last(world).version == 4


def test_what_is_no_form_is_refused(world: World, ann: Visitor) -> None:
    for options in ({"json": {"version": 1}}, {"content": b"version=1", "headers": {"content-type": "text/plain"}}):
        assert ann.request("POST", f"{CHURN}/promote", **options).status_code == 403
    assert ann.act(f"{CHURN}/promote", version=1, moves=2, why="x" * 70_000).status_code == 403
    assert last(world).version == 4


@pytest.mark.parametrize(
    "fields",
    [
        {"why": ""},
        {"why": " \n "},
        {"why": "x" * 1_001},
        {"version": "one"},
        {"version": ""},
        {"version": "-1"},
        {"moves": "x"},
        {"version": "9" * 5_000},
    ],
)
def test_a_field_that_cant_be_used_is_named(world: World, ann: Visitor, fields: dict[str, object]) -> None:
    answer = ann.act(f"{CHURN}/promote", **{"version": 1, "moves": 2, **fields})
    assert answer.status_code == 400
    assert next(iter(fields)) in answer.text
    assert last(world).version == 4


@pytest.mark.parametrize("percent", ["-1", "101", "nan", "inf", "much", ""])
def test_a_share_is_between_none_and_all(world: World, ann: Visitor, percent: str) -> None:
    assert ann.act(f"{CHURN}/challenge", version=4, moves=1, percent=percent).status_code == 400


def test_there_are_no_other_models_versions_and_aliases_to_act_on(ann: Visitor) -> None:
    assert ann.act(f"{CHURN}/promote", version=99, moves=2).status_code == 404
    assert ann.act("/console/models/none/promote", version=1, moves=0).status_code == 404
    assert ann.act(f"{CHURN}/undo", alias="evil", moves=2).status_code == 403


def test_a_canary_answers_a_share_for_some_days_and_undoing_ends_it(world: World, ann: Visitor) -> None:
    ann.act(f"{CHURN}/withdraw", moves=1)
    page = ann.act(f"{CHURN}/canary", version=1, moves=2, percent=10, days=7)
    assert "canary, 10.0 %" in page.text
    canary = alias(world, CHALLENGER).canary
    assert canary
    assert (canary.against, last(world, CHALLENGER).by) == (4, "ann")
    assert "a canary until" in ann.get().text
    assert ann.act(f"{CHURN}/challenge", version=2, moves=3, percent=0).status_code == 409
    ann.act(f"{CHURN}/undo", alias=CHALLENGER, moves=3)
    assert alias(world, CHALLENGER).withdrawn
    assert ann.act(f"{CHURN}/undo", alias=CHALLENGER, moves=4).status_code == 409


@pytest.mark.parametrize(
    ("version", "fields", "status"),
    [
        (4, {}, 409),
        (2, {}, 409),
        (1, {"percent": 0}, 400),
        (1, {"percent": 100}, 400),
        (1, {"days": 0}, 400),
        (1, {"moves": 1}, 409),
    ],
)
def test_a_canary_that_cant_be_isnt_started(
    world: World, ann: Visitor, version: int, fields: dict[str, object], status: int
) -> None:
    ann.act(f"{CHURN}/withdraw", moves=1)
    form = {"version": version, "moves": 2, "percent": 10, "days": 7, **fields}
    assert ann.act(f"{CHURN}/canary", **form).status_code == status
    assert alias(world, CHALLENGER).withdrawn
