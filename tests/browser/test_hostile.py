"""Names, values, labels and reasons that are HTML, script or very long do nothing on any page."""

from urllib.parse import quote

import numpy as np
import obstore
import pytest
from playwright.sync_api import Browser
from pydantic_core import to_json

from mlops.artifact.names import REFERENCES, changes_key
from mlops.contract import Column, Contract, Target
from mlops.errors.violations import Violation
from mlops.monitoring.drift import make_reference
from mlops.monitoring.drift.files import dump_references
from mlops.monitoring.facts import ColumnFacts
from mlops.monitoring.incident import Step
from mlops.registry.manifest.evidence import Slice
from mlops.registry.manifest.manifest import Gate
from tests.browser.conftest import Site, serve
from tests.browser.looks import open_harmless, pixels_beyond
from tests.console_changes import make_changes
from tests.console_world import HOSTILE, World, make_manifest
from tests.unit.mlops.monitoring.report import histories


def infect(world: World, text: str) -> None:
    """A model whose every text is hostile, watched in an incident."""
    contract = Contract(
        columns=(Column(name=text, unit=text, description=text),),
        target=Target(name="x", task="binary", labels=(text, "other")),
    )
    gate = Gate(name=text, passed=False, observed=text, required=text, detail=text)
    column = contract.columns[0]
    for number in (1, 2):
        values = np.arange(500.0) if number == 1 else np.arange(500.0) * 2
        reference = make_reference(values, column)
        assert reference
        manifest = make_manifest(
            "sick", number, gates=(gate,), contract=contract, candidate=text, remarks=(text,), dataset=text
        )
        more = {"parameters": {text: text, "list": [text]}, "libraries": {text: text}, "estimator": text}
        slices = (Slice(where=text, rows=9, estimates=manifest.estimates),)
        files = {REFERENCES: dump_references({text: reference})}
        world.add_versions("sick", manifest.model_copy(update={**more, "slices": slices}), files=files)
    for number in (1, 2):
        world.move("sick", number, text, by=text)
    world.move("sick", 1, text, by=text, alias="challenger")
    broken = Violation(rule=text, message=text, row=1, column=text, value=text)
    world.add_upload("sick", file_of(text), text, text, [broken, broken])
    changes = make_changes(1, 2, columns=5, text=text)
    changes["datasets"] |= {"columns_added": [text], "columns_removed": [text]}
    row = {"row": 1, "truth": text, "first": text, "second": text, "first_certainty": 0.5, "second_certainty": 0.5}
    changes["answers"]["changed"].append(row)
    obstore.put(world.records, changes_key("sick", 1, 2), to_json(changes))
    world.scheduler.add("odd", text[:200], model="sick", source=text, ScheduleExpressionTimezone=text[:50])
    world.scheduler.add(text[:60], "rate(1 day)", model="sick", source=text)
    report = histories.in_incident()
    (version,) = report.facts.versions
    looked_at = ColumnFacts(column=text, rows=9, missing=0, outside=0, p_value=1e-9, drifted=True, sentence=text)
    facts = report.facts.model_copy(
        update={
            "versions": (version.model_copy(update={"columns": (looked_at, *version.columns), "remarks": (text,)}),),
            "refused": {text: 5},
            "damaged": (text,),
        }
    )
    (incident,) = report.incidents
    step = Step(at=incident.opened_at, what=text)
    told = {"drifted": (text,), "dataset": text, "code": text, "promoted_before": text, "steps": (step,)}
    world.watch(
        "sick", type(report)(facts, report.history, (incident.model_copy(update=told),), report.moves, report.versions)
    )


def file_of(text: str) -> str:
    """A file's name, which can have no slash and not be as long."""
    return text.replace("/", "|")[:200]


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_hostile_texts_do_nothing(browser: Browser, place: int) -> None:
    world = World()
    infect(world, HOSTILE[place])
    with serve(world, browser) as site:
        page = site.sign_in(HOSTILE[place][:200])
        for path in (
            "",
            "/models/sick",
            "/models/sick/versions",
            "/models/sick/versions/1",
            "/models/sick/compare",
            "/models/sick/compare/rows?v=1&v=2",
            "/batches",
            "/models/sick/data",
            "/models/sick/data/difference",
            f"/models/sick/data/rejected?file={quote(file_of(HOSTILE[place]))}",
        ):
            open_harmless(page, f"/console{path}")
            # It's there, as a text.
            assert HOSTILE[place][:12] in page.locator("body").inner_text(), path
            assert pixels_beyond(page) == 0, path
        page.goto("/console/models/sick/reports/2026-11-14")
        assert page.title() != "broken in"


def test_hostile_addresses_do_nothing(site: Site) -> None:
    page = site.sign_in()
    for text in HOSTILE[:4]:
        for path in (
            "versions?q=",
            "versions?sort=",
            "versions?moved=",
            "compare?v=",
            "compare/rows?v=",
            "compare/rows?v=1&v=2&since=",
            "versions/",
            "reports/",
            "data?page=",
            "data/difference?v=",
            "data/rejected?file=",
        ):
            page.goto(
                "/console/models/churn/" + path + text.replace("/", "%2F").replace("?", "%3F").replace("#", "%23")
            )
            assert page.title() != "broken in"
            assert page.locator("main").locator("img, [onerror], [onload]").count() == 0
