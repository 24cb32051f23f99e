"""Datasets, versions and aliases as a picture."""

from datetime import timedelta

from mlops.console.charts.lineage import draw_lineage
from mlops.console.readers.registry import Summary
from tests.console_world import Visitor, World


def test_a_dataset_is_drawn_once_with_a_line_to_each_of_its_versions() -> None:
    made = [
        Summary(3, "passed", dataset="s3://d/b.csv", dataset_sha256="b"),
        Summary(2, "refused", dataset="s3://d/a.csv", dataset_sha256="a"),
        Summary(1, "passed", dataset="s3://d/a.csv", dataset_sha256="a"),
    ]
    drawn = draw_lineage(made, None, None)
    assert (drawn.count(">a.csv<"), drawn.count(">b.csv<")) == (1, 1)
    assert (drawn.count('class="kin"'), drawn.count('class="kin dashed-kin"')) == (2, 1)
    assert "a.csv: versions 2 (refused), 1 (passed)" in drawn


def test_what_serves_is_linked_to_its_version(world: World, ann: Visitor) -> None:
    page = ann.get("/console/models/churn/versions").text
    assert "version 4 is the champion; version 1 is the challenger" in page
    assert page.count("serving-node") == 2


def test_a_champion_that_is_older_than_what_is_drawn_is_left_out(world: World) -> None:
    world.move("churn", 4)
    assert "champion" not in draw_lineage([Summary(9, "passed", dataset_sha256="a")], None, None)


def test_without_versions_theres_no_picture() -> None:
    assert draw_lineage([], None, None) == ""


def test_versions_that_wait_for_approval_are_named_until_a_newer_one_serves(world: World, ann: Visitor) -> None:
    path = "/console/models/churn/versions"
    assert "held,</strong> until somebody approves" not in ann.get(path).text
    world.move("churn", 1, "back", days=-1)
    world.now += timedelta(minutes=1)
    assert f'◆ 1 version held,</strong> until somebody approves: <a href="{path}/3">3</a>.' in ann.get(path).text
