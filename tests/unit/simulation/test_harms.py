"""Simulated rows, what is done to them, and when the truth about them comes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from cli.errors import CommandError
from mlops.contract import Column, Contract, Target
from simulation.harms import LATER_DAYS, Harm, HarmKind
from simulation.population import Labelled, Population
from simulation.simulator import Simulator
from simulation.traffic import Api

CONTRACT = Contract(
    columns=(
        Column(name="size", minimum=0, maximum=100),
        Column(name="rooms", kind="integer", minimum=0),
        Column(name="plan", kind="category", required=False),
    ),
    target=Target(name="kind", task="binary", labels=("small", "large"), positive="large"),
)
TABLE = "size,rooms,plan,kind,other\n" + "".join(
    f"{size},{size // 20 + 1},{'a' if size % 2 else ''},{'large' if size > 50 else 'small'},x\n"
    for size in range(0, 101, 5)
)


@pytest.fixture
def population(tmp_path: Path) -> Population:
    file = tmp_path / "rooms.csv"
    file.write_text(TABLE)
    return Population.read(file, CONTRACT)


def draw(population: Population, count: int = 400, seed: int = 0) -> Labelled:
    return population.draw(count, np.random.default_rng(seed))


def values(rows: Labelled, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([row[name] for row in rows.rows], np.float64)


def test_a_population_is_read_with_its_truth_and_without_other_columns(population: Population) -> None:
    assert len(population.known) == 21
    assert set(population.known.truths) == {"small", "large"}
    assert set(population.known.rows[1]) <= {"size", "rooms", "plan"}


def test_a_table_without_the_target_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rooms.csv"
    file.write_text("size,rooms,plan\n1,1,a\n")
    with pytest.raises(CommandError, match="'kind'"):
        Population.read(file, CONTRACT)


def test_the_same_seed_draws_the_same_rows_and_another_one_others(population: Population) -> None:
    assert draw(population) == draw(population)
    assert draw(population) != draw(population, seed=1)


def test_numbers_are_measured_anew_within_the_contracts_range(population: Population) -> None:
    drawn = draw(population)
    size = values(drawn, "size")
    assert ((size >= 0) & (size <= 100)).all()
    known = {row["size"] for row in population.known.rows}
    assert len(set(size) - known) > 300
    distance = np.abs(size[:, None] - np.array(sorted(known))[None, :]).min(axis=1)
    assert distance.max() < 0.3 * population.scales["size"][1]
    assert set(values(drawn, "rooms")) <= {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("kind", list(HarmKind))
def test_nothing_is_harmed_before_its_day_or_in_another_column(population: Population, kind: HarmKind) -> None:
    drawn = draw(population)
    harm = Harm(kind, ("size",), from_day=5)
    assert harm.apply(4, drawn, population) == drawn
    after = harm.apply(5, drawn, population)
    assert (values(after, "rooms") == values(drawn, "rooms")).all()


def test_a_shift_is_a_standard_deviation_and_a_unit_a_hundredth(population: Population) -> None:
    drawn, (_, deviation) = draw(population), population.scales["size"]
    shifted = values(Harm(HarmKind.SHIFT, ("size",)).apply(1, drawn, population), "size")
    assert shifted == pytest.approx(np.minimum(values(drawn, "size") + deviation, 100))
    cents = values(Harm(HarmKind.UNIT, ("size",)).apply(1, drawn, population), "size")
    assert cents == pytest.approx(values(drawn, "size") / 100)


def test_a_reversed_scale_turns_the_order_around(population: Population) -> None:
    drawn = draw(population)
    before = values(drawn, "size")
    after = values(Harm(HarmKind.REVERSED, ("size",)).apply(1, drawn, population), "size")
    assert np.corrcoef(before, after)[0, 1] < -0.9


def test_a_changed_relation_changes_what_is_right_where_the_column_is_high(population: Population) -> None:
    drawn = draw(population)
    after = Harm(HarmKind.RELATION, ("size",)).apply(1, drawn, population)
    high = values(drawn, "size") > population.scales["size"][0]
    changed = np.array([before != now for before, now in zip(drawn.truths, after.truths, strict=True)])
    assert (changed == high).all()
    assert after.rows == drawn.rows


def test_a_column_that_is_no_number_is_refused_by_name(population: Population) -> None:
    with pytest.raises(CommandError, match="'plan' isn't a number"):
        Harm(HarmKind.SHIFT, ("plan",)).apply(1, draw(population), population)


def test_truth_comes_late_or_never_from_the_day_of_the_harm_on() -> None:
    assert Harm(HarmKind.LATE_TRUTH, from_day=3).delay(2, usual=2) == 2
    assert Harm(HarmKind.LATE_TRUTH, from_day=3).delay(3, usual=2) == 2 + LATER_DAYS
    assert Harm(HarmKind.NO_TRUTH, from_day=3).delay(3, usual=2) is None


def test_each_days_truth_is_sent_once_when_it_is_due(population: Population) -> None:
    told: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        import json

        body = json.loads(request.content)
        if request.url.path.endswith("/feedback"):
            told.extend(body["truths"])
            return httpx.Response(202, json={"model": "rooms", "stored": len(body["truths"])})
        ids = [{"prediction_id": f"{place}-{row['size']}"} for place, row in enumerate(body["rows"])]
        return httpx.Response(200, json={"version": 3, "predictions": ids})

    client = httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer))
    simulator = Simulator(Api(client, "rooms"), population, Harm(HarmKind.NO_TRUTH, from_day=3), 120, 2, seed=0)
    sent = [simulator.send(day, datetime(2026, 11, 29, tzinfo=UTC)) for day in range(1, 7)]
    assert [each.predictions for each in sent] == [120] * 6
    assert [each.truths for each in sent] == [0, 0, 120, 120, 0, 0]
    assert {version for each in sent for version in each.versions} == {3}
    assert len(told) == 240
    assert {each["at"] for each in told} == {"2026-11-29T00:00:00+00:00"}
