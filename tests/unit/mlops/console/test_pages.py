"""Pages show what there is, say what there isn't, and go on without what fails."""

import csv
import io
import re
from datetime import timedelta

import obstore
import pytest

from mlops.console.page import HOME
from mlops.console.pages.distributions import describe_range
from mlops.contract import Column
from tests.console_world import PASSED, REFUSED, Visitor, World, make_manifest
from tests.unit.mlops.monitoring.report import histories

CHURN = "/console/models/churn"


def test_the_overview_has_each_model_the_worst_first(watched: World, ann: Visitor) -> None:
    page = ann.get().text
    assert page.index("Worse than it was") < page.index("Not known")
    assert "Accuracy of version 7 fell from 0.962" in page
    assert "Version 1</a> is tried on 10.0 % of the requests" in page
    assert "2,760 predictions" in page
    assert "Incident" in page


def test_a_registry_without_models_says_what_makes_one() -> None:
    empty = World()
    visitor = Visitor(empty.open_app())
    page = visitor.follow(empty.make_link()).text
    assert "There is no model yet" in page
    assert "scripts/mlops data put" in page


def test_a_model_in_an_incident_shows_it_with_its_drift_and_what_to_do(watched: World, ann: Visitor) -> None:
    page = ann.get("/console/models/diagnosis").text
    for text in ("What to do now", "The incident", "Drift: 2 of 13 columns", "Slices", "Share of each day", "its card"):
        assert text in page, text
    assert page.count("<svg") > 10


def test_a_model_that_nobody_watched_says_so(ann: Visitor) -> None:
    page = ann.get(CHURN).text
    assert "No day was looked at yet" in page
    assert "version 4" in page


@pytest.mark.parametrize("name", sorted(histories.HISTORIES.keys() - {"one_hour"}))
def test_every_kind_of_history_of_days_makes_a_page(world: World, ann: Visitor, name: str) -> None:
    report = histories.HISTORIES[name]()
    world.add_watched("any", report)
    assert ann.get("/console/models/any").status_code == 200
    assert ann.get().status_code == 200


def test_the_table_of_versions_says_why_one_was_refused(ann: Visitor) -> None:
    page = ann.get(f"{CHURN}/versions").text
    assert "roc_auc is worse than version 1&#39;s by 0.031" in page
    assert "4 versions" in page
    assert "held" in page


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [4, 3, 2, 1]),
        ("?standing=refused", [2]),
        ("?standing=held", [3]),
        ("?q=MARGIN", [2]),
        ("?q=2026-05.csv", [4]),
        ("?q=nothing", []),
        ("?standing=evil&sort=evil&metric=evil", [4, 3, 2, 1]),
        ("?page=99", [4, 3, 2, 1]),
    ],
)
def test_versions_are_filtered_by_result_and_text(ann: Visitor, query: str, numbers: list[int]) -> None:
    assert _listed(ann.get(f"{CHURN}/versions{query}").text) == numbers


def test_versions_are_sorted_by_a_metric_the_best_first(ann: Visitor) -> None:
    numbers = _listed(ann.get(f"{CHURN}/versions?sort=roc_auc").text)
    values = [make_manifest("churn", number).metrics["test"]["roc_auc"] for number in numbers]
    assert values == sorted(values, reverse=True)


def _listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'name="v" value="(\d+)"', page)]


def test_many_versions_come_in_pages(world: World, ann: Visitor) -> None:
    world.add_versions("many", *(make_manifest("many", number) for number in range(1, 96)))
    first = ann.get("/console/models/many/versions")
    assert _listed(first.text) == list(range(95, 55, -1))
    assert "Page 1 of 3" in first.text
    assert _listed(ann.get("/console/models/many/versions?page=3").text) == list(range(15, 0, -1))


def test_a_version_shows_its_evidence_its_origin_and_what_was_decided(ann: Visitor) -> None:
    page = ann.get(f"{CHURN}/versions/2").text
    for text in (
        "1 of 2 gates failed",
        "2026-03.csv",
        "571 rows",
        "0123456789ab",
        "0.924",
        "site = north",
        "n_estimators",
    ):
        assert text in page, text
    served = ann.get(f"{CHURN}/versions/4").text
    assert "champion 1 → 4" in served.replace("\n", " ")
    assert "Go back to version 1" in served


def test_versions_of_one_dataset_name_each_other(world: World, ann: Visitor) -> None:
    first, second = make_manifest("twin", 1), make_manifest("twin", 2)
    world.add_versions("twin", first, second.model_copy(update={"dataset": first.dataset}))
    assert '/versions/2">version 2</a>' in ann.get("/console/models/twin/versions/1").text


def test_the_data_page_has_each_dataset_with_its_versions_and_the_champions_contract(
    world: World, ann: Visitor
) -> None:
    first, second = make_manifest("twin", 1), make_manifest("twin", 2)
    world.add_versions("twin", first, second.model_copy(update={"dataset": first.dataset}))
    page = ann.get("/console/models/twin/data").text
    assert page.count("s3://data/datasets/twin/2026-02.csv") == 1
    assert '/versions/2">2</a>, <a href="/console/models/twin/versions/1">1</a>' in page
    assert "No version serves" in page
    served = ann.get(f"{CHURN}/data").text
    for text in (
        "2026-05.csv",
        "2026-02.csv",
        "3</a>",
        "2</a> (refused)",
        "radius",
        "mm",
        "from 0",
        "as it is",
        "malignant",
    ):
        assert text in served, text


def test_two_versions_are_compared_with_intervals_and_what_changed(ann: Visitor) -> None:
    page = ann.get(f"{CHURN}/compare?v=4&v=3").text
    assert "On the same 171 rows, version 4 is <strong>better</strong>" in page
    assert "parameter n_estimators" in page
    assert "version 3: 0.908 (0.888 to 0.923); version 4: 0.985 (0.965 to 1.000)" in page
    other = ann.get(f"{CHURN}/compare?v=1&v=4").text
    assert "weren&#39;t compared on the same rows" in other or "weren't compared on the same rows" in other
    assert "scripts/mlops models compare churn 1 4" in other


def test_a_version_that_cant_be_read_stands_in_the_table_and_harms_no_other(world: World, ann: Visitor) -> None:
    obstore.put(world.models, "churn/versions/3/manifest.json", b"{}")
    page = ann.get(f"{CHURN}/versions").text
    assert "can&#39;t be read" in page or "can't be read" in page
    assert _listed(page) == [4, 2, 1]
    assert ann.get(f"{CHURN}/versions/3").status_code == 500


def test_a_damaged_alias_harms_no_other_model(watched: World, ann: Visitor) -> None:
    obstore.put(watched.models, "churn/aliases/champion.json", b"{}")
    page = ann.get().text
    assert "The champion of &#39;churn&#39; can&#39;t be read" in page
    assert "Accuracy of version 7 fell" in page
    assert ann.get(CHURN).status_code == 500


def test_without_metrics_all_else_is_shown_and_said_to_be(world: World, ann: Visitor) -> None:
    world.metrics.failing = True
    page = ann.get()
    assert page.status_code == 200
    assert "CloudWatch gives no metrics" in page.text
    assert "churn" in page.text
    assert "CloudWatch gives no metrics" in ann.get(CHURN).text
    assert world.warnings


@pytest.mark.parametrize(
    "path",
    [
        "/models/none",
        "/models/churn/versions/99",
        "/models/churn/nothing",
        "/nothing",
        "/models/churn/reports/2026-11-28",
        "/models/churn/reports/x",
        "/models/churn/versions/x",
    ],
)
def test_what_isnt_there_is_a_page_that_says_so(ann: Visitor, path: str) -> None:
    answer = ann.get(f"{HOME}{path}")
    assert answer.status_code in (400, 404)
    assert "All models</a>" in answer.text


def test_cards_and_reports_are_shown_as_they_were_written_and_can_run_nothing(watched: World, ann: Visitor) -> None:
    for path, text in (("versions/7/card", "A card"), ("reports/2026-11-14", "Monitoring report")):
        answer = ann.get(f"/console/models/diagnosis/{path}")
        assert text in answer.text
        policy = answer.headers["content-security-policy"]
        assert "sandbox" in policy
        assert "script-src" not in policy


def test_every_answer_has_the_headers_that_keep_it_safe(ann: Visitor) -> None:
    for path in ("/console", "/console/sign-in", "/console/nothing", f"{CHURN}/versions.csv"):
        headers = ann.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';"), path
        assert "unsafe" not in policy
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


def test_style_and_scripts_may_be_kept_for_ever_under_the_digest_of_their_content(ann: Visitor) -> None:
    paths = re.findall(r'(?:href|src)="(/console/static/[^"]+)"', ann.get().text)
    assert len(set(paths)) == 4
    for path in paths:
        answer = ann.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert ann.get(path.replace("/static/", "/static/x")).status_code == 404


def test_a_failure_that_nobody_foresaw_is_a_page_and_a_log_line(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.open_app()
    visitor = Visitor(app)
    visitor.follow(world.make_link())

    def fail() -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(app.state.readers.registry, "models", fail)
    answer = visitor.get()
    assert answer.status_code == 500
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [
        ("performance", {"day", "basis", "low", "high"}, 300),
        ("drift", {"column", "p_value", "drifted"}, 900),
        ("traffic", {"hour"}, 24),
    ],
)
def test_the_figures_of_charts_are_there_as_csv(
    watched: World, ann: Visitor, name: str, columns: set[str], rows: int
) -> None:
    answer = ann.get(f"/console/models/diagnosis/{name}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert columns <= set(found[0])
    assert len(found) >= rows


def test_all_versions_are_there_as_csv_and_no_cell_is_a_formula(world: World, ann: Visitor) -> None:
    detail = '=HYPERLINK("http://evil.test")'
    gate = REFUSED.model_copy(update={"detail": detail})
    world.add_versions("sheet", make_manifest("sheet", 1, gates=(PASSED, gate)))
    (row,) = csv.DictReader(io.StringIO(ann.get("/console/models/sheet/versions.csv").text))
    assert row["reason"] == f"'{detail}"
    assert float(row["roc_auc_low"]) < float(row["roc_auc"]) < float(row["roc_auc_high"])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column(name="a"), "any"),
        (Column(name="a", minimum=0), "from 0"),
        (Column(name="a", maximum=2.5), "up to 2.50"),
        (Column(name="a", minimum=-1, maximum=1), "-1.000 to 1.000"),
        (Column(name="a", kind="category", categories=("x", "y")), "x, y"),
        (
            Column(name="a", kind="category", categories=tuple("abcdefghijklmn")),
            "a, b, c, d, e, f, g, h, i, j, k, l and 2 more",
        ),
        (Column(name="a", kind="category", categories=("x", "y"), privacy="hash"), "private"),
    ],
)
def test_the_values_of_a_column_are_described_unless_theyre_private(column: Column, words: str) -> None:
    assert describe_range(column) == words


def test_the_overview_has_the_estimate_next_to_the_truth_and_when_monitoring_looks_next(
    watched: World, ann: Visitor
) -> None:
    text = ann.get().text
    assert "by the truth of 12 Nov</small><small>estimated now 0.886, 0.871 to 0.900" in text
    # It looks at minute 20; the world's noon is two minutes ago.
    assert 'monitoring looks next at <time datetime="2026-11-29T12:20:00+00:00">' in text
    watched.now += timedelta(minutes=18)
    assert "2026-11-29T13:20:00+00:00" in ann.get().text
