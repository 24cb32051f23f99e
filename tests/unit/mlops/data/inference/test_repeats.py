"""Repeated rows of a first dataset: ordinary ones are kept, and a part that was pasted twice isn't."""

import numpy as np
import pytest

from mlops.data.check import check
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from tests.unit.mlops.data.inference.orders import of, read_spec


def test_ordinary_repeats_are_kept_with_one_line_and_a_part_pasted_twice_is_not() -> None:
    random = np.random.default_rng(3)
    rare = [f"{row / 7},{'ab'[row % 2]},{('yes', 'no')[row % 3 == 0]}" for row in range(300)]
    coarse = "\n".join(["size,shop,returned", *rare, *(rare[row] for row in random.choice(300, 80))])
    made = of(coarse.encode())
    assert made.repeats == "keep"
    assert sum("Rows repeat" in note for note in made.notes) == 1
    assert 'repeats="keep"' in made.notes[0]
    spec = read_spec(made)
    assert (spec.repeats, len(check(read_csv(coarse.encode()), spec).rows)) == ("keep", 380)
    pasted = of("\n".join(["size,shop,returned", *rare, *rare[100:160]]).encode())
    assert pasted.repeats == "refuse"
    assert 'repeats="keep" in the spec keeps such rows' in pasted.notes[0]
    assert "duplicate" in pasted.notes[0]


def test_a_table_of_a_few_different_rows_is_kept_whole() -> None:
    random = np.random.default_rng(4)
    rows = sorted(
        f"{random.choice(['1st', '2nd', '3rd'], p=[0.2, 0.2, 0.6])},man,{random.choice(['yes', 'no'], p=[0.3, 0.7])}"
        if random.random() < 0.7
        else f"1st,woman,{random.choice(['yes', 'no'], p=[0.9, 0.1])}"
        for _ in range(1_300)
    )
    content = "\n".join(["class,sex,survived", *rows]).encode()
    made = of(content, "survived")
    assert made.repeats == "keep"
    assert len(check(read_csv(content), read_spec(made)).rows) == 1_300


def test_a_refusal_of_repeated_rows_names_the_rule_and_the_line_of_the_spec_that_changes_it() -> None:
    rare = [f"{row / 7},{'ab'[row % 2]},{('yes', 'no')[row % 3 == 0]}" for row in range(300)]
    content = "\n".join(["size,shop,returned", *rare, *rare[100:160]]).encode()
    spec = of(content).to_spec()
    with pytest.raises(DatasetRejected) as caught:
        check(read_csv(content), spec)
    assert caught.value.groups[0].rule == "duplicate"
    assert 'repeats="keep" in the spec' in caught.value.reason
    assert 'key=("column",)' in caught.value.reason
    assert "max_rejected=0" in caught.value.reason
