"""A dataset that contradicts what the champion knows makes a version that waits for a person's approval."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from mlops.contract import Target
from mlops.intake.training import Outcome
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.promotion import approve_version
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import HEADER, make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import Bench

pytestmark = pytest.mark.usefixtures("swift")

SWAPPED = {"long": "short", "short": "long"}
SPEC = make_spec(floors={})
SIZES = replace(
    SPEC,
    target=Target(name="size", task="regression"),
    candidates={"linear": LinearRegression()},
    metric="rmse",
    vouched=("length",),
)


def swapped(lines: list[str]) -> list[str]:
    return [f"{line.rpartition(',')[0]},{SWAPPED[line.rpartition(',')[2]]}" for line in lines]


def sizes(rows: int, seed: int = 0, *, factor: float = 1.0, slope: float = 2.0, count: int | None = None) -> list[str]:
    """Lines whose size follows from length and width; those of the same seed have the same inputs."""
    random = np.random.default_rng(seed)
    length, width, noise = random.uniform(5, 90, rows), random.uniform(5, 40, rows), random.normal(0, 8, rows)
    size = factor * (slope * length + width + noise)
    return [f"{a:.3f},{b:.3f},{c:.3f}" for a, b, c in zip(length, width, size, strict=True)][:count]


def noisy(rows: int, seed: int) -> list[str]:
    """Leaves of which one in ten has the other kind."""
    random = np.random.default_rng([seed, rows])
    return [swapped([line])[0] if random.random() < 0.1 else line for line in make_lines(rows, seed)]


def train(bench: Bench, lines: list[str], spec: ModelSpec = SPEC, incident: str | None = None) -> Outcome[Manifest]:
    header = HEADER if spec.target.labels else "length,width,size"
    return bench.train(make_csv(lines, header), spec, incident=incident)


def failed(outcome: Outcome[Manifest]) -> set[str]:
    return {gate.name for gate in outcome.manifest.gates if not gate.passed and gate.name.startswith("consistency")}


FIRST = make_lines(300)
CASES = {
    "every label swapped": (FIRST, swapped(FIRST), SPEC, {"consistency/known rows"}),
    "a fifth of the labels swapped": (FIRST, swapped(FIRST[:60]) + FIRST[60:], SPEC, {"consistency/known rows"}),
    "new rows with swapped labels": (
        FIRST,
        swapped(make_lines(300, seed=1)),
        SPEC,
        {"consistency/new rows", "consistency/relations"},
    ),
    "new rows with swapped labels among known ones": (
        FIRST,
        FIRST + swapped(make_lines(150, seed=1)),
        SPEC,
        {"consistency/new rows", "consistency/relations"},
    ),
    "a third of the rows": (FIRST, FIRST[:100], SPEC, {"consistency/size"}),
    "a label nearly lost": (
        FIRST,
        [line for line in FIRST if line.endswith("long")]
        + [line for line in make_lines(300, seed=2) if line.endswith("long")]
        + [line for line in FIRST if line.endswith("short")][:25],
        SPEC,
        {"consistency/labels"},
    ),
    "values in another unit": (sizes(300), sizes(300, factor=10), SIZES, {"consistency/known rows"}),
    "new values with the slope reversed": (
        sizes(300),
        sizes(300, 1, slope=-2.0),
        SIZES,
        {"consistency/new rows", "consistency/relations"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_contradiction_is_held_with_its_evidence(case: str) -> None:
    first, second, spec, gates = CASES[case]
    bench = Bench()
    assert train(bench, first, spec).standing == "promoted"
    outcome = train(bench, second, spec)
    assert outcome.standing == "held", [gate for gate in outcome.manifest.gates if not gate.passed]
    assert failed(outcome) == gates
    assert bench.champion == 1
    assert outcome.manifest.held
    assert all(gate.detail for gate in outcome.manifest.gates if not gate.passed)
    bench.check()


@pytest.mark.parametrize("case", ["new values with the slope reversed", "every label swapped"])
def test_what_an_incident_found_before_is_not_held_and_known_rows_with_another_truth_are(case: str) -> None:
    first, second, spec, gates = CASES[case]
    bench = Bench()
    train(bench, first, spec)
    outcome = train(bench, second, spec, incident="2026-11-29-v1")
    assert failed(outcome) == gates - {"consistency/new rows", "consistency/relations"}
    found = {gate.name: gate.detail or "" for gate in outcome.manifest.gates}
    for name in gates - failed(outcome):
        assert "incident 2026-11-29-v1, whose dataset this is" in found[name]
    assert outcome.standing == ("held" if failed(outcome) else "promoted")


ORDINARY = {
    "more rows": (FIRST, FIRST + make_lines(100, seed=1), SPEC),
    "other rows": (FIRST, make_lines(300, seed=1), SPEC),
    "a few corrected labels": (FIRST, swapped(FIRST[:6]) + FIRST[6:] + make_lines(50, seed=1), SPEC),
    "noisy labels": (noisy(300, 0), noisy(300, 0) + noisy(150, 1), SPEC),
    "more values": (sizes(300), sizes(300) + sizes(100, 1), SIZES),
    "a few rows less": (FIRST, FIRST[:290], SPEC),
}


@pytest.mark.parametrize("case", ORDINARY)
def test_ordinary_changes_are_not_held(case: str) -> None:
    first, second, spec = ORDINARY[case]
    bench = Bench()
    train(bench, first, spec)
    outcome = train(bench, second, spec)
    assert outcome.standing != "held"
    assert failed(outcome) == set()
    tested = {gate.name for gate in outcome.manifest.gates if gate.name.startswith("consistency")}
    assert "consistency/size" in tested


def test_another_target_is_held_since_it_cannot_be_compared() -> None:
    bench = Bench()
    train(bench, FIRST)
    other = replace(SPEC, target=Target(name="kind", task="binary", labels=("brief", "long")))
    lines = [line.replace("short", "brief") for line in FIRST]
    outcome = train(bench, lines, other)
    assert outcome.standing == "held"
    assert "another target" in next(gate.detail or "" for gate in outcome.manifest.gates if not gate.passed)


def test_a_version_that_fails_other_gates_too_is_refused() -> None:
    bench = Bench()
    train(bench, FIRST)
    outcome = train(bench, FIRST[:100], make_spec(floors={"accuracy": 1.01}))
    assert outcome.standing == "refused"


def test_what_a_person_approved_is_the_standard_from_then_on() -> None:
    bench = Bench()
    train(bench, FIRST)
    held = train(bench, swapped(FIRST))
    aliases = Aliases(bench.store, "leaves")
    approve_version(bench.versions, aliases, held.manifest.version, by="ann", why="the labels were wrong before")
    more = train(bench, swapped(FIRST) + swapped(make_lines(100, seed=1)))
    assert more.standing == "promoted"
    assert more.manifest.comparison_with_best is None
    alias = aliases.find(CHAMPION)
    assert alias
    assert [move.version for move in alias.history] == [1, 2, 3]
