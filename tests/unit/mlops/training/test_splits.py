"""A model whose rows are of groups, in order of time, or repeat by chance is searched, tested and compared by that."""

from dataclasses import replace

import numpy as np
import pytest

from mlops.contract import Column
from tests.unit.mlops.samples import HEADER, make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import Bench

pytestmark = pytest.mark.usefixtures("swift")


def with_plants(rows: int) -> bytes:
    plants = np.random.default_rng(0).integers(0, 60, 400)[:rows]
    return make_csv(
        [f"{line},plant {plant}" for line, plant in zip(make_lines(rows), plants, strict=True)], f"{HEADER},plant"
    )


def dated(rows: int) -> bytes:
    lines = [f"{line},2026-{1 + row // 28:02}-{1 + row % 28:02}" for row, line in enumerate(make_lines(rows))]
    return make_csv(lines, f"{HEADER},picked")


def coarse(rows: int) -> bytes:
    random = np.random.default_rng(0)
    length, width = random.integers(1, 9, size=(2, 400)) * 10
    kinds = np.where(length + random.normal(0, 12, 400) > 45, "long", "short")
    lines = [f"{length[row]},{width[row] // 2},{kinds[row]},{row}" for row in range(rows)]
    return make_csv(lines, f"{HEADER},number")


SPECS = {
    "group": (with_plants, make_spec(group=("plant",))),
    "time": (dated, make_spec(split="time", time="picked")),
    "coarse": (coarse, make_spec(floors={}, key=("number",))),
}


@pytest.mark.parametrize("kind", SPECS)
def test_a_retraining_on_more_rows_is_compared_with_the_champion_on_fresh_ones(kind: str) -> None:
    write, spec = SPECS[kind]
    bench = Bench()
    first = bench.train(write(280), spec)
    assert first.standing == "promoted", [gate for gate in first.manifest.gates if not gate.passed]
    second = bench.train(write(330), spec).manifest
    assert second.comparison
    assert second.comparison.overall, second.comparison.reason
    assert second.dataset.columns == 3
    bench.check()


def test_the_same_rows_in_another_order_make_the_same_test_of_a_coarse_table() -> None:
    header, *lines = coarse(300).decode().splitlines()
    spec = make_spec(floors={}, key=("number",))
    one = Bench().train(make_csv(lines, header), spec).manifest
    other = Bench().train(make_csv(lines[::-1], header), spec).manifest
    assert one.files["training_rows.npy"] == other.files["training_rows.npy"]
    assert one.metrics["test"]["brier"] == pytest.approx(other.metrics["test"]["brier"], abs=0.02)


def test_a_date_may_be_input_and_order() -> None:
    spec = make_spec()
    columns = (*spec.columns, Column(name="picked", kind="date"))
    manifest = Bench().train(dated(280), replace(spec, columns=columns, split="time")).manifest
    assert manifest.dataset.columns == 4
