"""`mlops models compare --clicks`: two recommenders by the clicks on answers that explored."""

import json
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from cli import models as commands
from cli.models.registered_model import read_model
from mlops.registry.manifest.evidence import Estimate
from tests.unit.mlops.monitoring.off_line.explored_shop import ExploredShop
from tests.unit.mlops.serving.recommend.shop import KEY, SHOP

STRETCH = ("--from", "2026-11-24", "--to", "2026-11-25")


def use(monkeypatch: pytest.MonkeyPatch, shop: ExploredShop) -> None:
    compare = import_module("cli.models.compare")
    stack = SimpleNamespace(parameters={"HistoryDays": "30"}, s3=None, now=partial(datetime.now, UTC))
    monkeypatch.setattr(compare, "Stack", lambda _: stack)
    monkeypatch.setattr(compare, "open_model", lambda *_: read_model(shop.registry, SHOP, stack.now))
    monkeypatch.setattr(import_module("cli.models.compare_clicks"), "open_records", lambda _: shop.records)


def run(*words: str) -> Result:
    return CliRunner().invoke(commands.app, ["compare", SHOP, "1", "2", "--clicks", *words], env={"PRIVACY_KEY": KEY})


def test_the_estimates_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = ExploredShop(share=0.5)
    use(monkeypatch, shop)
    found = json.loads(run(*STRETCH, "--json").stdout)
    assert (found["versions"], found["judged"], found["reproduced"]) == ([1, 2], 900, 1.0)
    gain = Estimate(**found["gain"])
    assert gain.interval is not None
    assert gain.interval.low <= shop.value(2) - shop.value(1) <= gain.interval.high
    shown = run(*STRETCH).stdout
    assert "900 of 900 answers, to 300 users" in shown
    assert f"{gain.value:.4f}" in shown
    assert "no difference is sure" in shown


def test_a_stretch_without_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, ExploredShop(share=0.5, users=5, rounds=1))
    found = run("--from", "2026-11-27", "--to", "2026-11-27")
    assert found.exit_code == 1
    assert "none of 0 answers explored" in str(found.exception)


def test_few_users_have_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, ExploredShop(share=0.5, users=8, rounds=2))
    shown = run(*STRETCH).stdout
    assert "more answers must be explored" in shown
