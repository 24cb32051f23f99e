"""A model whose private columns hold marks alone: numbers, dates and texts that nothing else could produce."""

import hashlib
import re
import struct
from datetime import date
from typing import Any

import numpy as np

from mlops.artifact.inputs import days_since_epoch
from mlops.spec import ModelSpec
from mlops.spec.table import boolean, category, integer, labels, number, table_spec
from mlops.spec.table import date as dates

HEADER = "key,dose,income,visits,born,smoker,ward,surname,answer"
PRIVATE = ("income", "visits", "born", "smoker", "ward", "surname")
INCOMES = tuple(f"{48_271 + 17 * place}.{place + 11}625" for place in range(40))
VISITS = tuple(str(731_904_51 + 1_003 * place) for place in range(40))
BORN = tuple(str(date(1931, 7, 13).replace(year=1931 + place % 20, month=1 + place % 12)) for place in range(40))
NAMES = tuple(f"MARKED{letter}" for letter in "abcdefgh")
STRAY = "MARKEDstray"  # where no value should be: a name, a cell of another kind


def make_spec(**options: Any) -> ModelSpec:
    given: dict[str, Any] = {"slices": ("dose", *PRIVATE), "max_rejected": 0.1, "trials": 3, "key": ("key",)}
    return table_spec(
        "patients",
        labels("answer", "no", "yes", positive="yes"),
        number("dose", 0, 100),
        number("income", 48_000, 50_000, privacy="hash", required=False),
        integer("visits", 73_190_000, 73_240_000, privacy="drop"),
        dates("born", privacy="hash"),
        boolean("smoker", privacy="drop"),
        category("ward", "north", "south", privacy="hash"),
        category("surname", privacy="drop"),
        metric="log_loss",
        **(given | options),
    )


def make_lines(rows: int = 320, seed: int = 4) -> list[str]:
    """Lines of the dataset, in which each private column has something to do with the answer."""
    rng = np.random.default_rng(seed)
    lines = []
    for row in range(rows):
        dose, places = rng.uniform(0, 100), rng.integers(0, 40, 3)
        smoker, ward, name = bool(rng.random() < 0.5), ("north", "south")[row % 2], NAMES[rng.integers(0, 8)]
        score = dose + places.sum() + 25 * smoker + 10 * (name < "MARKEDd") + rng.normal(0, 20)
        income = "" if row % 19 == 0 else INCOMES[places[0]]
        cells = (f"K{STRAY}{row}", f"{dose:.3f}", income, VISITS[places[1]], BORN[places[2]])
        lines.append(",".join((*cells, str(smoker).lower(), ward, name, "yes" if score > 125 else "no")))
    return lines


BROKEN = (
    f"K1,5,{STRAY},{VISITS[0]},{BORN[0]},true,north,{NAMES[0]},yes",
    f"K2,5,9{INCOMES[1]},{VISITS[0]}.5,{STRAY},{STRAY},{STRAY},{NAMES[0]},yes",
    f"K3,5,{INCOMES[1]},,{BORN[0]}x,,,,no",
)


def to_csv(lines: list[str], header: str | None = HEADER) -> bytes:
    return "\n".join([*([header] if header else []), *lines, ""]).encode()


def marks() -> set[bytes]:
    """Everything that may be nowhere: the private values as text and as numbers in binary, and hashes without a key."""
    texts = {*INCOMES, *BORN, *NAMES, STRAY}
    found = {text.encode() for text in texts}
    found |= {f"{int(text):,}".encode() for text in VISITS}
    for name, values in (("income", INCOMES), ("visits", VISITS), ("surname", NAMES)):
        for text in (*values, *(f"{name}={value}" for value in values)):
            found |= {
                getattr(hashlib, kind)(text.encode()).hexdigest().encode() for kind in ("md5", "sha1", "sha256")
            } | {hashlib.blake2b(text.encode(), digest_size=16).hexdigest().encode()}
    numbers = [*map(float, INCOMES), *map(float, VISITS)]
    return found | {struct.pack(order, value) for value in numbers for order in ("<d", ">d")}


MARKS = marks()
# Whole numbers occur within others: "-7081" in one random prediction id in a few hundred, eight digits in some times.
NUMBERS = re.compile(
    rb"(?<![0-9A-Za-z])(?:"
    + b"|".join(text.encode() for text in (*VISITS, *(str(days_since_epoch(date.fromisoformat(day))) for day in BORN)))
    + rb")(?![0-9A-Za-z])"
)


def leaks(content: bytes | str) -> list[bytes]:
    """The marks that a content contains."""
    given = content.encode() if isinstance(content, str) else content
    return [*(mark for mark in MARKS if mark in given), *NUMBERS.findall(given)]
