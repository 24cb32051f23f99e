"""A model whose data a console shows: references of training rows, uploads, and rejected rows."""

import io
from typing import Any

import numpy as np

from mlops.artifact.names import REFERENCES, TRAINING_ROWS
from mlops.contract import Column, Contract
from mlops.errors.violations import Violation
from mlops.monitoring.drift import make_reference
from mlops.monitoring.drift.files import dump_references
from tests.console_world import CONTRACT, World, make_manifest

COLUMNS = (
    Column(name="radius", unit="mm", minimum=0, description="to the edge"),
    Column(name="site", kind="category", required=False),
    Column(name="patient", kind="category", privacy="hash"),
    Column(name="name", kind="category", privacy="drop"),
)
PRIVATE = "5ecre7"
"""What the hash of each patient begins with."""
BROKEN = [
    *(
        Violation(rule="minimum", message=f"row {row}: radius is -1, below 0", row=row, column="radius", value="-1")
        for row in range(70)
    ),
    Violation(rule="missing", message="row 3: patient is missing", row=3, column="patient"),
]


def add_version(
    world: World, number: int, columns: tuple[Column, ...] = COLUMNS, shift: float = 0, first: int = 0
) -> None:
    """A version of `returns`; its radii are `shift` greater, and its training rows are numbered from `first`."""
    rng = np.random.default_rng(number)
    values: dict[str, Any] = {
        "radius": rng.normal(10 + shift, 2, 900),
        "site": ["north" if place % 4 else None for place in range(900)],
        "patient": [f"{PRIVATE}{place % 30}" for place in range(900)],
    }
    references = {
        column.name: made
        for column in columns
        if column.name in values and (made := make_reference(values[column.name], column))
    }
    digests = io.BytesIO()
    np.save(digests, np.arange(first, first + 700, dtype=np.uint64))
    contract = Contract(columns=columns, target=CONTRACT.target)
    files = {REFERENCES: dump_references(references), TRAINING_ROWS: digests.getvalue()}
    world.add_versions("returns", make_manifest("returns", number, contract=contract), files=files)


def add_returns(world: World) -> None:
    """`returns`, whose second dataset has greater radii, and whose third was rejected."""
    add_version(world, 1)
    add_version(world, 2, shift=2, first=100)
    world.move("returns", 2)
    why = "version {} passed its gates and is champion now"
    world.add_upload("returns", "a.csv", "promoted", why.format(1), version=1, rejected_rows=0)
    world.add_upload("returns", "b.csv", "promoted", why.format(2), BROKEN[:2], version=2, rejected_rows=2)
    world.add_upload(
        "returns", "c.csv", "rejected", "70 of 90 rows break the contract", BROKEN, violation_count=len(BROKEN)
    )
