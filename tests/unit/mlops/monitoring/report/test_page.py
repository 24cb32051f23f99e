"""The report of a window is one page that needs nothing else, whatever names, texts and sizes it gets."""

import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from mlops.contract import Column, Contract, Target
from mlops.monitoring.facts import ColumnFacts, PartFacts, Revision, WindowFacts
from mlops.monitoring.incident import Step
from mlops.monitoring.report import Background, Report, render_report
from mlops.monitoring.report.texts import metric_title, write_delay, write_list, write_share
from mlops.pages.numbers import NOTHING
from tests.unit.mlops.monitoring.report.histories import (
    HISTORIES,
    Plan,
    background,
    dead_end,
    drifted_only,
    healthy,
    in_incident,
    many_columns,
    moment,
    no_truth,
    one_hour,
    one_window,
    private,
    realised_facts,
    recovered,
    regression,
    report_of,
)
from tests.unit.mlops.monitoring.report.outline import outline, read

MOST_BYTES = 300_000
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=http://evil.example onerror=alert(1)>',
    "</style><h2>fake</h2>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;\u202e\x00 &amp;",
    "x" * 10_000,
)


@pytest.mark.parametrize("name", HISTORIES)
def test_every_kind_of_history_makes_a_whole_page_that_loads_nothing(name: str) -> None:
    found = outline(HISTORIES[name]())
    assert found.loaded == []
    assert found.handlers == []
    assert not found.elements & {"script", "link", "iframe", "img", "object"}
    assert len(found.ids) == len(set(found.ids))
    assert {"What to do now", "Service"} <= set(found.headings)
    assert " nan" not in found.text.lower().replace("nano", "")
    assert "None" not in found.text


@pytest.mark.parametrize("name", HISTORIES)
def test_a_report_is_the_same_each_time_it_is_rendered(name: str) -> None:
    assert render_report(HISTORIES[name]()) == render_report(HISTORIES[name]())


@pytest.mark.parametrize("name", HISTORIES)
def test_every_drawing_has_words(name: str) -> None:
    page = render_report(HISTORIES[name]()).decode()
    drawings = re.findall(r'<svg [^>]*role="img"[^>]*>(.*?)</svg>', page, re.DOTALL)
    assert drawings
    for drawing in drawings:
        assert re.match(r"<title>[^<]{3,}</title><desc>[^<]{3,}</desc>", drawing)


def test_the_page_has_its_sections_in_the_order_in_which_they_matter() -> None:
    assert outline(in_incident()).headings == [
        "diagnosis, version 7",
        "What to do now",
        "The incident",
        "Performance over time",
        "Drift: 2 of 13 columns",
        "Truth and feedback",
        "Calibration",
        "Slices",
        "Service",
        "What was changed before",
        "Three words used here",
    ]


def test_an_hour_has_service_only() -> None:
    assert outline(one_hour()).headings == [
        "diagnosis, version 7",
        "What to do now",
        "Performance over time",
        "Service",
        "What was changed before",
        "Three words used here",
    ]


@pytest.mark.parametrize(("days", "columns"), [(90, 29), (90, 199)])
def test_ninety_days_of_many_columns_fit_in_three_hundred_kilobytes(days: int, columns: int) -> None:
    plan = Plan(days=days, columns=columns, drift_day=days - 5, drifted=columns, loss=0.09, rows=60)
    page = render_report(report_of(plan))
    assert len(page) < MOST_BYTES
    assert page.count(b"over time</title>") >= 24


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_from_outside_can_break_the_page_or_make_it_large(text: str) -> None:
    page = render_report(hostile(text, copies=400))
    found = read(page)
    assert len(page) < MOST_BYTES
    assert found.handlers == []
    assert found.loaded == []
    assert not found.elements & {"script", "img"}
    assert "fake" not in found.headings
    assert "49" not in {word.strip() for word in found.words}


def hostile(text: str, copies: int) -> Report:
    """A report in which everything that may hold a text from outside holds this one, many times."""
    found = in_incident()
    subject = found.facts.versions[0]
    names = [f"{place} {text}" for place in range(copies)]
    columns = tuple(
        subject.columns[0].model_copy(update={"column": name, "sentence": f"{name}: {text}", "drifted": True})
        for name in names
    )
    slices = tuple(PartFacts(where=name, rows=1, reason=text) for name in names)
    realised = realised_facts(Plan(), 200, 0.0, np.random.default_rng(1))
    version = subject.model_copy(
        update={
            "columns": columns,
            "remarks": tuple(names),
            "realised": realised.model_copy(update={"slices": (*realised.slices, *slices)}),
            "role": text,
        }
    )
    other = version.model_copy(update={"version": 8, "role": "challenger"})
    invalid = dict.fromkeys(names, 3)
    facts = found.facts.model_copy(
        update={
            "versions": (version.model_copy(update={"role": "champion"}), other),
            "refused": dict.fromkeys(names, 9),
            "damaged": tuple(names),
            "feedback": found.facts.feedback.model_copy(update={"invalid": invalid}),
        }
    )
    incident = found.incidents[0].model_copy(
        update={
            "drifted": tuple(names),
            "dataset": text,
            "code": text,
            "promoted_before": text,
            "steps": tuple(Step(at=moment(1) + timedelta(hours=place), what=name) for place, name in enumerate(names)),
        }
    )
    known = background(Plan(days=75, drift_day=70, loss=0.09))
    reference = known.references[subject.columns[0].column]
    contract = Contract(
        columns=tuple(Column(name=name, unit=text) for name in names),
        target=Target(name="target " + text, task="binary", labels=("a" + text, "b" + text)),
    )
    moves = tuple(move.model_copy(update={"why": text, "by": text}) for move in found.moves * copies)
    return Report(
        facts,
        found.history,
        (incident,) * 20,
        moves,
        {7: Background(contract, dict.fromkeys(names, reference))},
    )


@pytest.mark.parametrize(
    ("names", "written"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and 1 more"),
        (["x" * 99], "x" * 26 + "…" + "x" * 13),
    ],
)
def test_names_are_listed_as_in_a_sentence(names: list[str], written: str) -> None:
    assert write_list(names) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("accuracy", "accuracy"),
        ("roc_auc", "ROC AUC"),
        ("brier", "Brier score"),
        ("r2", "R²"),
        ("f1", "F1"),
        ("x", "x"),
    ],
)
def test_metrics_have_the_names_that_people_use(name: str, written: str) -> None:
    assert metric_title(name).startswith(written)


@pytest.mark.parametrize(
    ("share", "written"), [(0, "0 %"), (0.00001, "< 0.1 %"), (0.123, "12.3 %"), (1, "100 %"), (0.9999, "100.0 %")]
)
def test_shares_are_percentages_and_never_zero_by_rounding(share: float, written: str) -> None:
    assert write_share(share) == written


@pytest.mark.parametrize(("hours", "written"), [(None, NOTHING), (0.5, "30 min"), (46.5, "46.5 h"), (71, "3.0 days")])
def test_delays_are_in_the_unit_that_fits(hours: float | None, written: str) -> None:
    assert write_delay(hours) == written


def test_hostile_categories_are_escaped_in_pictures() -> None:
    found = outline(drifted_only())
    assert "west <b>" in found.text
    assert "b" not in found.elements


def test_promotions_and_incidents_are_marked_on_the_performance() -> None:
    page = render_report(recovered()).decode()
    assert 'class="mark promotion"' in page
    assert ">v8</text>" in page
    assert 'class="span incident"' in page
    calm = render_report(healthy()).decode().split("</style>")[1]
    assert 'class="mark promotion"' not in calm
    assert 'class="span incident"' not in calm


def test_the_limit_of_an_error_lies_above_and_that_of_a_score_below_its_value_at_training() -> None:
    for report, trained, limit in ((regression(), "21.40", "23.54"), (healthy(), "0.962", "0.942")):
        assert f'<td class="figure">{trained}</td><td class="figure">{limit}</td>' in render_report(report).decode()


def test_columns_that_drifted_come_first_with_their_sentence_and_unit() -> None:
    page = render_report(drifted_only()).decode()
    names = re.findall(r"<h3>(\S+)", page)
    assert set(names[:2]) == {"mean_radius_0", "mean_texture_1"}
    assert "the median rose from 13.4 to 15.27 px (15.1 to 15.5)" in page
    assert "mean_radius_0</h3>" not in page
    assert page.count('class="drifted"') == 2


def test_every_column_of_two_hundred_is_on_the_page_and_the_drifted_ones_have_pictures() -> None:
    report = many_columns()
    page = render_report(report).decode()
    assert report.subject is not None
    names = [column.column for column in report.subject.columns]
    assert len(names) == 200
    assert [name for name in names if name not in page] == []
    drifted = re.findall(r'<figure class="drifted">(.*?)</figure>', page, re.DOTALL)
    assert len(drifted) == 12
    assert all(drawing.count('role="img"') == 2 for drawing in drifted)


def test_hashes_are_numbered_and_never_shown() -> None:
    page = render_report(private()).decode()
    assert "hash no. 1" in page
    assert "0" * 20 not in page


def test_a_version_that_is_not_known_has_a_table_and_no_pictures_of_columns() -> None:
    page = render_report(replace(healthy(), versions={})).decode()
    assert "no picture" in page
    assert "Values of" not in page


def test_truth_that_arrived_later_replaces_what_was_known_first() -> None:
    report = healthy()
    day = report.history[-3]
    before = day.versions[0].realised
    assert before is not None
    figure = before.overall.metrics["accuracy"].model_copy(update={"value": 0.777, "low": 0.77, "high": 0.78})
    overall = before.overall.model_copy(update={"metrics": {"accuracy": figure}})
    revised = before.model_copy(update={"overall": overall})
    early = Revision(window=day.window, version=7, realised=before)
    late = Revision(window=day.window, version=7, realised=revised)
    yesterday = report.history[-1].model_copy(update={"revisions": (early,)})
    facts = report.facts.model_copy(update={"revisions": (late,)})
    changed = Report(facts, (*report.history[:-1], yesterday), (), report.moves, report.versions)
    assert "0.777 (0.770 to 0.780)" in render_report(changed).decode()
    assert "0.777" not in render_report(report).decode()


def test_only_windows_of_the_reports_own_length_and_before_it_are_shown() -> None:
    report = one_window()
    later = report.facts.model_copy(update={"window": "2027-01-01"})
    hour = WindowFacts(model="diagnosis", window="2026-08-31T10")
    assert [each.window for each in replace(report, history=(later, hour)).windows] == ["2026-09-01"]


def test_what_could_not_be_looked_at_is_on_the_page() -> None:
    assert "no estimates: the version has no held-out answers" in outline(HISTORIES["nothing_known"]()).text


def test_figures_without_truth_have_their_estimates_and_no_slices() -> None:
    found = outline(no_truth())
    assert "Slices" not in found.headings
    assert "no truth has arrived" in found.text


def test_the_story_has_every_step_and_the_outcome_of_the_retraining() -> None:
    text = outline(dead_end()).text
    assert "2026-09-25 04:00 dead end: the new version isn't better: the world got harder, not the model worse" in text
    assert "Its outcome version 8: kept" in text
    assert "How sure evidence 41.70, an alarm from 40 on" in text


def test_a_column_without_any_row_is_shown_as_such() -> None:
    report = one_window()
    assert report.subject is not None
    nothing = tuple(
        ColumnFacts(column=each.column, rows=0, missing=0, outside=0, p_value=1, drifted=False,
                    shares=(0.0,) * len(each.shares))
        for each in report.subject.columns
    )  # fmt: skip
    subject = report.subject.model_copy(update={"columns": nothing})
    found = outline(replace(report, facts=report.facts.model_copy(update={"versions": (subject,)})))
    assert "0 rows, missing 0 %" in found.text
