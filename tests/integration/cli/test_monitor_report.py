"""`mlops monitor report` says whether a model is well and what to do, and fetches the page and the facts."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app, main
from mlops.monitoring.archive import Archive
from mlops.monitoring.facts import Figure, WindowFacts
from mlops.monitoring.recommender_facts import ClickTestFacts, RecommenderFacts, ResponseFacts
from mlops.monitoring.report import Report, render_report
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from tests.moto_server import moto_server
from tests.unit.mlops.monitoring.report.histories import in_incident, one_hour
from tests.unit.mlops.registry.samples import FILES, make_manifest, make_recommender_manifest

HOUR = "2026-11-01T14"
TEMPLATE = """
Resources:
  ModelsBucket: {Type: AWS::S3::Bucket, Properties: {BucketName: models}}
  RecordsBucket: {Type: AWS::S3::Bucket, Properties: {BucketName: records}}
Outputs:
  ModelsBucketName: {Value: !Ref ModelsBucket}
  RecordsBucketName: {Value: !Ref RecordsBucket}
"""


@pytest.fixture(scope="module")
def stack() -> Iterator[None]:
    """A stack `mlops` whose model `diagnosis` has an open incident, and `quiet` was never monitored."""
    with pytest.MonkeyPatch.context() as patch, moto_server(patch):
        boto3.client("cloudformation").create_stack(StackName="mlops", TemplateBody=TEMPLATE)
        _fill(in_incident())
        yield


def _fill(report: Report) -> None:
    registry, archive = open_store("s3://models"), Archive(open_store("s3://records"))
    for model in ("diagnosis", "quiet"):
        Versions(registry, model).write(make_manifest(7).model_copy(update={"model": model}), FILES)
    Aliases(registry, "diagnosis").move(CHAMPION, 7, by="training", why="passed every gate", seen=None)
    for facts in (*report.history[-4:], report.facts):
        archive.write_facts(facts, report.incidents)
    archive.write_report(report.facts.model, report.facts.window, render_report(report))
    archive.write_facts(one_hour().facts.model_copy(update={"window": HOUR}), ())
    for incident in report.incidents:
        archive.write_incident(incident)
    Versions(registry, "shop").write(make_recommender_manifest(), FILES)
    archive.write_facts(make_recommender_day())


def make_recommender_day() -> WindowFacts:
    clicks = Figure(value=0.08, low=0.07, high=0.09, rows=2_000)
    usual = Figure(value=0.081, low=0.06, high=0.1, rows=40_000)
    test = ClickTestFacts(clicks=clicks, error=0.005, users=900, days=20, margin=0.2, usual=usual, limit=0.065)
    answers = ResponseFacts(answers=2_000, users=900, items=20_000, clicks=clicks)
    facts = RecommenderFacts(all_answers=answers, test=test)
    return WindowFacts(model="shop", window="2026-11-14", recommendations=facts)


def ask(*words: str) -> Result:
    return CliRunner().invoke(app, ["monitor", "report", *words])


def test_the_latest_day_is_summed_up_with_the_commands_that_help(stack: None) -> None:
    done = ask("diagnosis")
    assert done.exit_code == 0, done.output
    assert "diagnosis  2026-11-14  \N{BALLOT X} Worse than it was" in done.stdout
    assert "Accuracy of version 7 fell from 0.962 to 0.875" in done.stdout
    assert "scripts/mlops models list diagnosis" in done.stdout
    assert "scripts/mlops monitor report diagnosis 2026-11-14 --open" in done.stdout


def test_a_recommenders_day_is_summed_up_by_its_clicks(stack: None) -> None:
    done = ask("shop")
    assert done.exit_code == 0, done.output
    assert "shop  2026-11-14  \N{CHECK MARK} Well" in done.stdout
    found = " ".join(done.stdout.split())
    assert "8.0 % (7.0 % to 9.0 %) of 2,000 answers got a click; usual is 8.1 % (6.0 % to 10.0 %)" in found
    assert "scripts/mlops monitor report shop 2026-11-14 --open" in found


def test_the_page_is_written_as_it_was_rendered(stack: None, tmp_path: Path) -> None:
    done = ask("diagnosis", "2026-11-14", "--output", str(tmp_path / "page.html"))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "page.html").read_bytes() == render_report(in_incident())


def test_the_page_is_opened_in_a_browser(stack: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.chdir(tmp_path)
    assert ask("diagnosis", "--open").exit_code == 0
    assert opened == [(tmp_path / "diagnosis-2026-11-14.html").resolve().as_uri()]


def test_a_program_gets_the_facts_and_the_incidents(stack: None) -> None:
    found = json.loads(ask("diagnosis", "--json").stdout)
    assert (found["model"], found["window"]) == ("diagnosis", "2026-11-14")
    assert found["incidents"][0]["loss"]["metric"] == "accuracy"
    assert len(found["versions"][0]["columns"]) == 13


def test_an_hour_is_summed_up_too(stack: None) -> None:
    done = ask("diagnosis", HOUR)
    assert done.exit_code == 0, done.output
    assert "54 predictions of version 7 in this hour" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("quiet",), "Monitoring hasn't looked at any day of 'quiet' yet"),
        (("diagnosis", "2026-01-01"), "Monitoring hasn't looked at 2026-01-01 of 'diagnosis'; the latest day is"),
        (("diagnosis", "yesterday"), "a window is a day (2026-11-29) or an hour"),
        (("diagnosi",), "Did you mean 'diagnosis'?"),
        (("diagnosis", HOUR, "--open"), "only days have a page"),
    ],
)
def test_what_can_not_be_shown_is_an_error_with_a_remedy(
    stack: None, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert main(lambda: app(["monitor", "report", *words], standalone_mode=False)) == 1
    assert message in " ".join(capsys.readouterr().err.split())
