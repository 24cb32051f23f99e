"""A canary by command on a stack's S3: started, looked at by monitoring, promoted or withdrawn, and audited."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import numpy as np
import obstore
import pytest
from typer.testing import CliRunner

from cli.__main__ import app, main
from mlops.errors.training import SpecInvalid
from mlops.monitoring.archive import Archive
from mlops.monitoring.canary.trials import Canaries
from mlops.records.truths import Truth
from mlops.records.write import make_object, put_once
from mlops.registry.aliases import CHALLENGER, Aliases
from mlops.registry.promotion import promote_version, roll_back
from mlops.registry.store import Store, open_store
from mlops.registry.versions import Versions
from tests.integration.cli.test_audit import TEMPLATE
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, make_id, make_record, put_records
from tests.unit.mlops.serving.artifacts import put_version

HOUR = timedelta(hours=1)
FOLLOWED = timedelta(seconds=10)


@pytest.fixture(autouse=True)
def registry(moto_server: str) -> Store:
    """Versions 1 to 3, of which 1 has been champion for a day."""
    boto3.client("cloudformation").create_stack(StackName="mlops", TemplateBody=TEMPLATE)
    store = open_store("s3://models")
    for number in (1, 2, 3):
        put_version(store, number, model=MODEL, contract=CONTRACT)
    yesterday = Aliases(store, MODEL, lambda: datetime.now(UTC) - timedelta(days=1))
    promote_version(Versions(store, MODEL), yesterday, 1, by="ada", why="the first")
    return store


def run(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refuse(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(lambda: app([*words], standalone_mode=False)) == 1
    return capsys.readouterr().err


def start(version: int = 2, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = run("models", "promote", MODEL, str(version), "--canary", "0.1", "--by", "ada", *words)
    return found


def serve(started: datetime, champion: float, challenger: float, rows: int = 600) -> None:
    """Answers since the canary began, with their truth; so many shares of them were wrong."""
    rng = np.random.default_rng(9)
    lines, truths = [], []
    for row in range(rows):
        moment = started + FOLLOWED + timedelta(milliseconds=row)
        theirs = row % 10 == 0
        labels = ["no" if rng.random() < share else "yes" for share in (champion, challenger)]
        inputs = {"mean income": float(row), "age": 30, "plan": "a", "newsletter": True, "since": "2020-01-01"}
        more = {} if theirs else {"challenger_version": 2, "challenger_label": labels[1], "challenger_probability": 0.9}
        role = {"model_version": 2, "role": "challenger"} if theirs else {"model_version": 1, "role": "champion"}
        lines.append(make_record(moment, row * 3, label=labels[theirs], inputs=inputs, **role, **more))
        truths.append(Truth(make_id(moment, row * 3), "yes", moment + FOLLOWED))
    put_records(open_store("s3://records"), lines)
    made = make_object(MODEL, truths, started + 2 * FOLLOWED, "api")
    put_once(open_store("s3://records"), made.key, made.content)


def no_spec(model: str) -> Any:
    raise SpecInvalid(model, "there is none")


def look(registry: Store, ahead: timedelta = HOUR) -> None:
    """A look by monitoring, as of later; the moves have that time too."""
    records, now = open_store("s3://records"), datetime.now(UTC) + ahead
    canaries = Canaries(
        registry=registry,
        records=records,
        archive=Archive(records),
        load_spec=no_spec,
        delay=timedelta(minutes=5),
        clock=lambda: datetime.now(UTC),
    )
    canaries.look(MODEL, now)


def moment_of(move: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(move["at"])


def audit(moment: datetime) -> list[tuple[str, int, float]]:
    found = run("audit", MODEL, "--at", moment.isoformat())
    return [(role["role"], role["version"], role["share"]) for role in found["roles"]]


def test_a_better_version_is_promoted_and_an_audit_knows_before_during_and_after(registry: Store) -> None:
    started = moment_of(start())
    serve(started, champion=0.3, challenger=0.05)
    look(registry)
    status = run("models", "canary", "status", MODEL)
    assert status["end"]["action"] == "acceptance"
    assert status["end"]["why"] == status["observed"]["reason"]
    assert (status["observed"]["outcome"], status["observed"]["pairs"], status["observed"]["requests"]) == (
        "promote",
        540,
        60,
    )
    assert run("models", "show", MODEL)["version"] == 2
    moves = [(move["alias"], move["action"], move["by"]) for move in run("models", "lineage", MODEL, "2")["moves"]]
    assert moves == [
        ("challenger", "promotion", "ada"),
        ("challenger", "acceptance", "monitoring"),
        ("champion", "promotion", "monitoring"),
    ]
    assert audit(started - timedelta(seconds=1)) == [("champion", 1, 1.0)]
    assert audit(started) == [("champion", 1, 0.9), ("challenger", 2, 0.1)]
    assert audit(datetime.now(UTC)) == [("champion", 2, 1.0)]


def test_a_worse_version_is_withdrawn_and_an_audit_knows_it(registry: Store) -> None:
    started = moment_of(start())
    serve(started, champion=0.05, challenger=0.3)
    look(registry)
    end = run("models", "canary", "status", MODEL)["end"]
    assert (end["action"], end["by"]) == ("withdrawal", "monitoring")
    assert end["why"].startswith("it's worse")
    assert audit(started) == [("champion", 1, 0.9), ("challenger", 2, 0.1)]
    assert audit(moment_of(end)) == [("champion", 1, 1.0)]
    told = CliRunner().invoke(app, ["models", "canary", "status", MODEL]).stdout
    assert "withdrawn" in told
    assert "of what withdraws it" in told
    assert "540" in told


def test_a_running_canary_is_listed_and_looked_at(registry: Store) -> None:
    start(2, "--for", "2d")
    listed = {each["version"]: each for each in run("models", "list")}
    assert (listed[2]["aliases"], listed[2]["canary"]["share"]) == (["challenger"], 0.1)
    assert listed[1]["canary"] is None
    assert "challenger, canary of 10%" in CliRunner().invoke(app, ["models", "list"], terminal_width=200).stdout
    assert run("models", "canary", "status", MODEL)["observed"] is None
    assert "Nobody looked" in CliRunner().invoke(app, ["models", "canary", "status", MODEL]).stdout
    look(registry)
    status = run("models", "canary", "status", MODEL)
    assert (status["end"], status["observed"]["outcome"]) == (None, None)
    look(registry, timedelta(days=3))
    assert run("models", "canary", "status", MODEL)["end"]["why"].startswith("its time is up, and nothing is decided")


def test_a_canary_is_stopped_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    start()
    stopped = run("models", "canary", "stop", MODEL, "--why", "a hunch")
    assert (stopped["action"], stopped["why"]) == ("withdrawal", "a hunch")
    assert "No canary of 'churn' is running" in refuse(capsys, "models", "canary", "stop", MODEL)


def test_what_cannot_be_tried_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    promote = ("models", "promote", MODEL)
    assert "was ever tried" in refuse(capsys, "models", "canary", "status", MODEL)
    assert "it's the champion" in refuse(capsys, *promote, "1", "--canary", "0.1")
    assert "between 0 and 1, and this is 1.0" in refuse(capsys, *promote, "2", "--canary", "1")
    assert "between 0 and 1, and this is nan" in refuse(capsys, *promote, "2", "--canary", "nan")
    assert "between 0 and 1, and this is inf" in refuse(capsys, *promote, "2", "--canary", "inf")
    assert "between 0 and 1, and this is -0.1" in refuse(capsys, *promote, "2", "--canary=-0.1")
    assert "lasts longer than" in refuse(capsys, *promote, "2", "--canary", "0.1", "--for", "0d")
    assert "write at most 36500d" in refuse(capsys, *promote, "2", "--canary", "0.1", "--for", "9999999d")
    assert "--for is 'soon'" in refuse(capsys, *promote, "2", "--canary", "0.1", "--for", "soon")
    assert "--undecided is 'wait'" in refuse(capsys, *promote, "2", "--canary", "0.1", "--undecided", "wait")
    assert "has no version 9" in refuse(capsys, *promote, "9", "--canary", "0.1")
    start()
    assert "version 2 is in a canary until" in refuse(capsys, *promote, "3", "--canary", "0.1")
    assert "version 2 is in a canary until" in refuse(capsys, "models", "challenge", MODEL, "3")


def test_an_audit_ends_a_canary_where_its_champion_moved_whenever_that_was_noted(registry: Store) -> None:
    started = moment_of(start())
    aliases = Aliases(registry, MODEL)
    moved = roll_back(Versions(registry, MODEL), aliases, to=3, by="bob", why="urgent").history[-1].at
    assert audit(started)[1:] == [("challenger", 2, 0.1)]
    assert audit(moved) == [("champion", 3, 1.0)]
    # As by a process that died between the two writes: the challenger's own history doesn't say it.
    path = f"{MODEL}/aliases/{CHALLENGER}.json"
    written = json.loads(bytes(obstore.get(registry, path).bytes()))
    written["history"] = written["history"][:1]
    obstore.put(registry, path, json.dumps(written).encode())
    assert audit(moved) == [("champion", 3, 1.0)]
    document = run("audit", MODEL, "--at", started.isoformat())
    assert datetime.fromisoformat(document["roles"][1]["until"]) == moved
