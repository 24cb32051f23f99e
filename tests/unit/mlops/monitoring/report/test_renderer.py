"""A window's page is rendered from its facts and the registry alone."""

from datetime import UTC, datetime

import pytest
from obstore.store import MemoryStore

from mlops.artifact.names import REFERENCES
from mlops.errors.registry import VersionNotFound
from mlops.monitoring.drift.files import dump_references
from mlops.monitoring.report import Renderer, render_report
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.versions import Versions, describe
from tests.unit.mlops.monitoring.report.histories import Plan, background, report_of
from tests.unit.mlops.registry.samples import make_manifest

PLAN = Plan(days=5, columns=4)


def registry(*, with_references: bool = True) -> MemoryStore:
    """A registry in which version 7 of `diagnosis` is champion since before the history."""
    store = MemoryStore()
    known = background(PLAN)
    files = {REFERENCES: dump_references(known.references)} if with_references else {}
    manifest = make_manifest(7).model_copy(
        update={
            "model": "diagnosis",
            "contract": known.contract,
            "files": {name: describe(content) for name, content in files.items()},
        }
    )
    Versions(store, "diagnosis").write(manifest, files)
    aliases = Aliases(store, "diagnosis", lambda: datetime(2026, 8, 20, tzinfo=UTC))
    aliases.move(CHAMPION, 7, by="training", why="passed every gate", seen=None)
    return store


def test_the_page_has_the_references_and_the_promotions_of_the_registry() -> None:
    report = report_of(PLAN)
    page = Renderer(registry())([*report.history, report.facts], ()).decode()
    assert "Values of mean_radius_0" in page
    assert "mean_radius_0 <small>in px</small>" in page
    assert "promotion of version 7" in page


def test_a_version_without_references_has_a_page_without_pictures_of_columns() -> None:
    report = report_of(PLAN)
    page = Renderer(registry(with_references=False))([*report.history, report.facts], ()).decode()
    assert "Values of" not in page
    assert "Performance over time" in page


def test_a_promotion_after_the_window_changes_nothing() -> None:
    store = registry()
    report = report_of(PLAN)
    before = Renderer(store)([*report.history, report.facts], ())
    aliases = Aliases(store, "diagnosis", lambda: datetime(2026, 10, 1, tzinfo=UTC))
    aliases.move(CHAMPION, 8, by="training", why="passed every gate", seen=aliases.find(CHAMPION))
    assert Renderer(store)([*report.history, report.facts], ()) == before


def test_a_version_that_is_missing_is_an_error() -> None:
    report = report_of(PLAN)
    with pytest.raises(VersionNotFound):
        Renderer(MemoryStore())([report.facts], ())


def test_a_window_without_traffic_needs_no_version() -> None:
    facts = report_of(PLAN).facts.model_copy(update={"versions": ()})
    page = Renderer(registry())([facts], ())
    assert b"No predictions were asked for" in page
    assert render_report(report_of(PLAN)) != page
