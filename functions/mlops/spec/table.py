"""The spec of a plain table in a few lines: its target, its columns, and the usual candidates.

A name with braces means several columns of the same kind: "{width,height} (mm)" two, "pixel_{0..7}_{0..7}" 64.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mlops.contract import Column, Contract, Kind, Privacy, Target
from mlops.errors.training import SpecInvalid
from mlops.spec import ModelSpec
from mlops.spec.candidates import candidates_for

METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
"""The metric that chooses among the candidates, unless the spec names one."""
TRIALS = 6
_BRACES = re.compile(r"\{(?P<first>\d+)\.\.(?P<last>\d+)\}|\{(?P<names>[^{}]*,[^{}]*)\}")


def table_spec(
    name: str,
    target: Target,
    *columns: tuple[Column, ...],
    candidates: Mapping[str, Any] | None = None,
    metric: str | None = None,
    trials: int = TRIALS,
    target_encoded: Sequence[str] = (),
    log_target: bool = False,
    boosting: Sequence[str] = (),
    **options: Any,
) -> ModelSpec:
    """The spec of a model that answers `target` from a table's columns; `options` are any others that ModelSpec has.

    `target_encoded`, `log_target` and `boosting` are those of `candidates_for`. Raises SpecInvalid.
    """
    flat = tuple(column for group in columns for column in group)
    unknown = sorted({*target_encoded} - {column.name for column in flat if column.kind == "category"})
    if unknown:
        raise SpecInvalid(name, f"target_encoded names {', '.join(unknown)}, and no category column is named so")
    contract = Contract(columns=flat, target=target)
    usual = partial(candidates_for, target_encoded=target_encoded, log_target=log_target, boosting=boosting)
    chosen = candidates if candidates is not None else usual(contract)
    given = {"floors": {}, **options}
    return ModelSpec(
        name=name,
        target=target,
        columns=flat,
        candidates=chosen,
        metric=metric or METRICS[target.task],
        trials=max(trials, len(chosen)),
        **given,
    )


def labels(name: str, *values: str, positive: str | None = None, description: str | None = None) -> Target:
    """A target with labels: two make a binary one, more a multiclass one. "{0..9}" means ten."""
    known = [each for given in values for each in expand(given)]
    task = "binary" if len(known) == 2 else "multiclass"
    return Target.model_validate(
        {"name": name, "task": task, "labels": known, "positive": positive, "description": description}
    )


def value(name: str, *, unit: str | None = None, description: str | None = None) -> Target:
    """A target that is a number."""
    return Target(name=name, task="regression", unit=unit, description=description)


def number(name: str, minimum: float | None = None, maximum: float | None = None, **more: Any) -> tuple[Column, ...]:
    """Columns of numbers from `minimum` to `maximum`. `more` is what every kind takes: see `category`."""
    return _columns(name, "number", minimum=minimum, maximum=maximum, **more)


def integer(name: str, minimum: int | None = None, maximum: int | None = None, **more: Any) -> tuple[Column, ...]:
    """Columns of whole numbers from `minimum` to `maximum`."""
    return _columns(name, "integer", minimum=minimum, maximum=maximum, **more)


def boolean(name: str, **more: Any) -> tuple[Column, ...]:
    """Columns of true and false."""
    return _columns(name, "boolean", **more)


def date(name: str, **more: Any) -> tuple[Column, ...]:
    """Columns of dates, YYYY-MM-DD."""
    return _columns(name, "date", **more)


def datetime(name: str, **more: Any) -> tuple[Column, ...]:
    """Columns of dates with a time of day, YYYY-MM-DDTHH:MM:SS, in UTC or with a zone."""
    return _columns(name, "datetime", **more)


def time(name: str, *, unit: str | None = "h", **more: Any) -> tuple[Column, ...]:
    """Columns of times of day, HH:MM or HH:MM:SS: to the model, hours since midnight."""
    return _columns(name, "time", unit=unit, **more)


def category(
    name: str,
    *values: str,
    unit: str | None = None,
    description: str | None = None,
    required: bool = True,
    privacy: Privacy = "keep",
    missing_values: tuple[str, ...] = (),
) -> tuple[Column, ...]:
    """Columns of text, one of `values` if any are given.

    Every kind takes `unit` and `description`; `required=False`, where a cell may be missing; `missing_values`, texts
    that mean a missing one; and `privacy`: what may reach a log, the value ("keep"), a keyed hash ("hash") or nothing
    ("drop").
    """
    more = {
        "unit": unit,
        "description": description,
        "required": required,
        "privacy": privacy,
        "missing_values": missing_values,
    }
    return _columns(name, "category", categories=values, **more)


def _columns(name: str, kind: Kind, **fields: Any) -> tuple[Column, ...]:
    return tuple(Column.model_validate({"name": each, "kind": kind, **fields}) for each in expand(name))


def expand(name: str) -> Iterator[str]:
    """The names that a name with braces means, in order; a name without braces is itself."""
    found = _BRACES.search(name)
    if not found:
        yield name
        return
    if found["names"] is not None:
        inner = found["names"].split(",")
    else:
        width = len(found["first"]) if found["first"].startswith("0") else 0
        inner = [f"{each:0{width}}" for each in range(int(found["first"]), int(found["last"]) + 1)]
    for each in inner:
        for rest in expand(name[found.end() :]):
            yield f"{name[: found.start()]}{each}{rest}"


def count_names(name: str) -> int:
    """How many names a name with braces means, without making them."""
    sizes = (
        found["names"].count(",") + 1
        if found["names"] is not None
        else max(0, int(found["last"]) - int(found["first"]) + 1)
        for found in _BRACES.finditer(name)
    )
    return math.prod(sizes)
