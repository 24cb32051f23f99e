"""A report says first whether the model is well, and what to do now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mlops.monitoring.facts import LossFacts, SlowdownFacts
from mlops.monitoring.incident import Retraining
from mlops.monitoring.report import Report
from mlops.monitoring.report.advice import advise
from mlops.monitoring.report.headline import Tone, write_headline
from tests.unit.mlops.monitoring.report.histories import HISTORIES, healthy, in_incident, moves_of

ROLLBACK = "scripts/mlops models rollback diagnosis"


def commands(report: Report) -> list[str | None]:
    return [step.command for step in advise(report, write_headline(report))]


def advice(report: Report) -> str:
    return " ".join(step.what for step in advise(report, write_headline(report)))


@pytest.mark.parametrize(
    ("name", "tone"),
    [
        ("healthy", "well"),
        ("recovered", "well"),
        ("no_truth", "well"),
        ("one_window", "well"),
        ("drifted_only", "watch"),
        ("private", "watch"),
        ("one_hour", "watch"),
        ("in_incident", "unwell"),
        ("dead_end", "unwell"),
        ("regression", "unwell"),
        ("nothing_known", "unknown"),
        ("no_traffic", "unknown"),
    ],
)
def test_each_history_has_its_tone_in_one_sentence(name: str, tone: Tone) -> None:
    headline = write_headline(HISTORIES[name]())
    assert headline.tone == tone
    assert headline.sentence.endswith(".")
    assert ". " not in headline.sentence


def test_an_incident_is_told_by_what_fell_since_when_and_what_is_being_done() -> None:
    sentence = write_headline(in_incident()).sentence
    assert sentence.startswith("Accuracy of version 7 fell from 0.962 to 0.875 (0.849 to 0.902) as estimated without")
    assert "since Tuesday, 10 November (by truth 0." in sentence
    assert sentence.endswith("; a new version is being trained.")


def test_an_error_that_grew_rose() -> None:
    sentence = write_headline(HISTORIES["regression"]()).sentence
    assert sentence.startswith("Root mean squared error of version 7 rose from 21.40 to 31.03 (")


def test_a_well_model_needs_nothing() -> None:
    (step,) = advise(healthy(), write_headline(healthy()))
    assert (step.what, step.command) == ("Nothing.", None)
    assert write_headline(healthy()).sentence.endswith("0.962 at training; no test of a loss alarms.")


def test_a_loss_right_after_a_promotion_is_answered_by_a_rollback_first() -> None:
    report = replace(in_incident(), moves=moves_of((6, None, -60), (7, 6, 68)))
    assert commands(report)[0] == ROLLBACK
    assert "within 7 days of the promotion of version 7" in advice(report)


def test_a_loss_long_after_the_promotion_is_answered_by_looking_at_the_columns_first() -> None:
    found = advise(in_incident(), write_headline(in_incident()))
    assert found[0].what.startswith("Find out why mean_radius_0 and mean_texture_1 changed.")
    assert found[-1].command == ROLLBACK
    assert "seldom helps" in found[-1].what


def test_a_first_version_has_nothing_to_roll_back_to() -> None:
    report = replace(in_incident(), moves=moves_of((7, None, 68)))
    assert ROLLBACK not in commands(report)


@pytest.mark.parametrize(
    ("retraining", "words", "command"),
    [
        (None, "Retraining begins by itself", "scripts/mlops feedback put FILE --model diagnosis"),
        (
            Retraining(refused="column age isn't kept, and no feedback file has it"),
            "No dataset could be assembled for retraining: column age isn't kept",
            "scripts/mlops data put FILE --model diagnosis",
        ),
        (
            Retraining(key="k", rows=10, new_rows=4),
            "a dataset of 10 rows, 4 of them new, is being trained on",
            "scripts/mlops models list diagnosis",
        ),
        (
            Retraining(key="k", outcome="promoted", version=8),
            "version 8 serves now",
            "scripts/mlops models show diagnosis 8",
        ),
        (
            Retraining(key="k", outcome="canary", version=8),
            "version 8 is tried on a share of the requests",
            "scripts/mlops models canary status diagnosis",
        ),
    ],
)
def test_the_steps_follow_the_retraining(retraining: Retraining | None, words: str, command: str) -> None:
    incident = in_incident().incidents[0].model_copy(update={"retraining": retraining})
    report = replace(in_incident(), incidents=(incident,))
    assert words in advice(report)
    assert command in commands(report)


def test_a_dead_end_says_that_a_person_must_decide() -> None:
    report = HISTORIES["dead_end"]()
    assert "a person must decide" in write_headline(report).sentence
    assert "Retraining didn't help (its outcome: kept)" in advice(report)
    assert "scripts/mlops models show diagnosis 8" in commands(report)


def test_a_model_whose_performance_is_unknown_needs_truth() -> None:
    report = HISTORIES["nothing_known"]()
    assert commands(report) == ["scripts/mlops feedback put FILE --model diagnosis"]


def test_refusals_and_errors_have_commands_that_show_them() -> None:
    assert commands(HISTORIES["one_hour"]()) == [
        "scripts/mlops logs errors",
        "scripts/mlops logs --query \"filter record = 'rejection' and model = 'diagnosis' | limit 50\"",
    ]


def test_an_alarm_without_an_incident_is_neither_well_nor_hidden() -> None:
    report = healthy()
    assert report.subject is not None
    loss = LossFacts(
        basis="estimated", metric="accuracy", trained=0.96, margin=0.02, evidence=50, alarm_at=40, alarm=True,
        since="2026-11-20",
    )  # fmt: skip
    subject = report.subject.model_copy(update={"losses": (loss,)})
    alarmed = replace(report, facts=report.facts.model_copy(update={"versions": (subject,)}))
    assert write_headline(alarmed).tone == "watch"
    assert "estimated to be worse than the margin allows since Friday, 20 November" in write_headline(alarmed).sentence
    assert "A loss test alarms and no incident is open" in advice(alarmed)


def test_an_incident_that_is_closed_is_no_longer_the_headline() -> None:
    open_one = in_incident().incidents[0]
    closed = open_one.model_copy(update={"closed_at": open_one.opened_at + timedelta(days=2), "status": "recovered"})
    assert write_headline(replace(healthy(), incidents=(closed,))).tone == "well"


def test_a_version_that_grew_slow_or_old_is_looked_at() -> None:
    report = healthy()
    assert report.subject is not None
    slow = SlowdownFacts(reference_p50=0.5, slower=True, since="2026-11-20")
    for changes, words, command in (
        ({"slowdown": slow}, "its median latency rose from 0.500 to", "scripts/mlops logs versions"),
        (
            {"stale": True, "age_days": 400},
            "it was trained 400 days ago, which the spec calls stale",
            "scripts/mlops data put FILE --model diagnosis",
        ),
    ):
        subject = report.subject.model_copy(update=changes)
        changed = replace(report, facts=report.facts.model_copy(update={"versions": (subject,)}))
        headline = write_headline(changed)
        assert headline.tone == "watch"
        assert words in headline.sentence
        assert commands(changed) == [command]
