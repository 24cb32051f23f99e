"""What happened, as a picture under the performance and as a table."""

import csv
import io
from datetime import UTC, datetime, timedelta

from mlops.console.charts.events import draw_events, list_events
from mlops.console.readers.registry import Summary
from mlops.monitoring.report import Report
from tests.console_world import Visitor, World
from tests.unit.mlops.monitoring.report import histories

WIDE = 880.0


def summary(number: int, day: int, standing: str = "passed", sha: str = "a") -> Summary:
    made = datetime(2026, 9, 1, 12, tzinfo=UTC) + timedelta(days=day)
    return Summary(number, standing, created_at=made, dataset=f"s3://data/{sha}.csv", dataset_sha256=sha, rows=9)  # type: ignore[arg-type]


def draw(report: Report, *made: Summary) -> str:
    return draw_events(report, made, WIDE, "only-wide", spoken=True)


def test_each_version_is_marked_by_its_result_and_each_dataset_once() -> None:
    drawn = draw(histories.in_incident(), summary(9, 20, "held"), summary(8, 10, "refused"), summary(7, 5, sha="b"))
    assert [drawn.count(f'class="made {standing}"') for standing in ("passed", "held", "refused")] == [1, 1, 1]
    assert drawn.count('class="dataset"') == 2
    assert "a.csv, 9 rows, first used by version 8" in drawn


def test_without_words_versions_that_look_alike_are_one_element() -> None:
    made = [summary(9, 20), summary(8, 10, "refused", "b"), summary(7, 5)]
    drawn = draw_events(histories.in_incident(), made, 340, "only-narrow")
    assert (drawn.count('class="made passed"'), drawn.count('class="made refused"'), drawn.count('"dataset"')) == (
        1,
        1,
        1,
    )
    assert drawn.count("a3.5") == 4
    assert "first used by" not in drawn


def test_what_was_made_before_or_after_the_windows_is_left_out() -> None:
    drawn = draw(histories.in_incident(), summary(9, 200), summary(1, -30))
    assert 'class="made' not in drawn
    assert 'class="dataset"' not in drawn


def test_a_version_that_took_over_has_a_bar_of_its_own_and_the_incident_ends() -> None:
    drawn = draw(histories.recovered())
    assert drawn.count('class="serves odd"') == drawn.count('class="serves even"') == 1
    assert (">v7<" in drawn, ">v8<" in drawn) == (True, True)
    assert drawn.count('class="alarmed"') == 1
    assert "promotion of version 8 on 2026-09-19" in drawn


def test_a_rollback_is_said_to_be_one() -> None:
    report = histories.recovered()
    back = report.moves[-1].model_copy(
        update={"version": 7, "action": "rollback", "at": datetime(2026, 9, 25, tzinfo=UTC)}
    )
    drawn = draw(Report(report.facts, report.history, (), (*report.moves, back), report.versions))
    assert ">back to v7<" in drawn


def test_without_anything_it_says_so() -> None:
    report = histories.healthy()
    assert "Nothing in these days." in draw(Report(report.facts, report.history))


def test_everything_is_listed_in_its_order() -> None:
    report = histories.recovered()
    found = list_events(report, [summary(8, 17, sha="b"), summary(7, -40), summary(2, -100, "refused")])
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert {"dataset", "version refused", "version passed", "promotion", "incident", "end of incident"} == {
        each.what for each in found
    }


def test_the_page_has_it_in_two_widths_and_as_csv(watched: World, ann: Visitor) -> None:
    page = ann.get("/console/models/diagnosis").text
    assert page.count("<title>What happened</title>") == 2
    rows = [*csv.DictReader(io.StringIO(ann.get("/console/models/diagnosis/events.csv").text))]
    assert [row for row in rows if row["what"] == "promotion"][-1]["version"] == "7"
    assert [row for row in rows if row["what"] == "incident"]
    assert ann.get("/console/models/churn/events.csv").text == "at,what,version,words\r\n"
